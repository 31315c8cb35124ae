/** A QR code as a picture, from the rows the server sends. */

const SVG = 'http://www.w3.org/2000/svg';
const BORDER = 4; // modules of white that a reader needs around it (ISO/IEC 18004)

export function qrPicture(rows: readonly string[], label: string): SVGSVGElement {
  const size = rows.length + 2 * BORDER;
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`);
  svg.setAttribute('class', 'qr');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  svg.setAttribute('shape-rendering', 'crispEdges');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute(
    'd',
    rows
      .flatMap((row, y) => [...row.matchAll(/1+/g)].map((run) => `M${run.index + BORDER} ${y + BORDER}h${run[0].length}v1h-${run[0].length}z`))
      .join(''),
  );
  svg.append(path);
  return svg;
}
