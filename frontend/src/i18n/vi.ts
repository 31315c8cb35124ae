/** Vietnamese is the source language; its shape is what every other language must fill. */
export const vi = {
  locale: 'vi-VN',
  close: 'Đóng',
  undo: 'Hoàn tác',
  undone: 'Đã hoàn tác',
  undoFailed: 'Chưa hoàn tác được. Xin tải lại trang để xem tình trạng thật.',
  requestFailed: 'Chưa lấy được dữ liệu mới: mạng đang chập chờn. Những gì đang thấy vẫn đúng ở lần tải trước.',
  autosave: {
    idle: 'Tự lưu khi gõ',
    dirty: 'Chưa lưu…',
    saving: 'Đang lưu…',
    saved: (time: string) => `Đã lưu ${time}`,
    offline: 'Mất mạng: đang giữ trên máy này',
    signedOut: 'Phiên đăng nhập đã hết: đang giữ trên máy này. Xin đăng nhập lại.',
    refused: (why: string) => `Chưa lưu được: ${why}`,
    refusedUnknown: 'có ô chưa hợp lệ',
    notYet: 'Chưa làm được: còn chữ chưa lưu. Khi hiện “Đã lưu”, xin bấm lại.',
    restored: 'Đã lấy lại phần đang viết dở trên máy này.',
    conflict: 'Nội dung này vừa được sửa ở nơi khác. Cả hai bản đều còn: xin chọn bản giữ lại.',
    conflictState: 'Có hai bản: xin chọn một',
    mine: 'Bản đang viết ở đây',
    theirs: 'Bản đã lưu ở nơi khác',
    keepMine: 'Giữ bản của tôi',
    takeTheirs: 'Dùng bản kia',
    empty: '(trống)',
  },
  leaving: {
    title: (n: number) => `${n} bản nháp chưa tới máy chủ`,
    text: 'Nếu đăng xuất ngay, phần này bị xóa khỏi máy, không lấy lại được. Hãy chờ có mạng rồi thử lại; ở lại trang để xem đó là phần nào.',
    stay: 'Ở lại',
    wait: 'Gửi lại rồi đăng xuất',
    remove: 'Đăng xuất và xóa',
    waiting: (n: number) => `Máy này còn ${n} bản nháp chưa gửi. Người viết đăng nhập lại thì bản nháp tự gửi.`,
  },
  ring: {
    on: 'Chuông đang bật',
    off: 'Bật chuông báo ca mới',
    accept: 'Xem ca',
  },
  rows: {
    added: (n: number) => `Đã thêm mục ${n}`,
    removed: (n: number) => `Đã bỏ mục ${n}`,
    moved: (n: number) => `Đã chuyển thành mục ${n}`,
  },
  time: {
    now: 'vừa xong',
    ago: (m: number) => `${m} phút trước`,
    in: (m: number) => `còn ${m} phút`,
    late: (m: number) => `quá ${m} phút`,
  },
};

export type Texts = typeof vi;
