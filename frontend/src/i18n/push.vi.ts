export const pushVi = {
  on: 'Máy này đang nhận thông báo đẩy.',
  off: 'Máy này chưa nhận thông báo đẩy.',
  denied: 'Trình duyệt đang chặn thông báo của trang này. Hãy cho phép trong cài đặt trang (biểu tượng cạnh địa chỉ), rồi tải lại.',
  unsupported: 'Trình duyệt này không có thông báo đẩy. Thông báo vẫn hiện trong hệ thống.',
  failed: 'Chưa bật được: trình duyệt không nối được tới dịch vụ đẩy tin. Thông báo vẫn hiện trong hệ thống; hãy thử lại sau.',
};

export type PushTexts = typeof pushVi;
