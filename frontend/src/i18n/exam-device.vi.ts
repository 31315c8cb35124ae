/** The dialog that connects a machine, in Vietnamese. */

export const deviceVi = {
  title: 'Nối máy siêu âm hoặc bộ mã hoá',
  about: 'Máy gửi hình theo chuẩn WHIP; mọi người trong phòng thấy hình như một màn hình chia sẻ. Máy không thấy và không nghe ai.',
  issue: 'Tạo mã kết nối',
  issuing: 'Đang tạo mã…',
  again: 'Tạo mã khác',
  url: 'Địa chỉ WHIP',
  token: 'Mã (Bearer token)',
  urlWithToken: 'Máy chỉ có một ô địa chỉ thì dùng địa chỉ này',
  copy: 'Sao chép',
  copied: 'Đã sao chép',
  once: (minutes: number): string =>
    `Mã chỉ hiện lần này, dùng được một lần trong ${minutes} phút. Mã cũ chưa dùng không còn hiệu lực. Tiếng của máy không truyền vào phòng.`,
  failed: 'Chưa tạo được mã. Cuộc gọi không bị ảnh hưởng; hãy thử lại.',
};

export type DeviceTexts = typeof deviceVi;
