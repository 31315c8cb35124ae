// Imports nothing: it stands outside of frontend/, where the packages are. `NET_PAGE` is the folder to build into.
export default {
  root: import.meta.dirname,
  publicDir: false,
  build: { outDir: process.env.NET_PAGE, emptyOutDir: true, minify: false },
};
