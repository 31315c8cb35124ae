/** What a room that is encrypted end to end says. Vietnamese is the source language. */
export const e2eeVi = {
  lock: 'Mã hóa đầu cuối',
  lockShort: 'Mã hóa',
  openCode: 'Mã hóa đầu cuối: xem mã an toàn',
  check: {
    on: 'Phòng này mã hóa đầu cuối: máy chủ không xem, không nghe và không ghi lại được hình và tiếng. Trong phòng, bấm ổ khóa để đọc mã an toàn cho nhau.',
    barredTitle: 'Trình duyệt này không mã hóa đầu cuối được',
    barred:
      'Phòng này mã hóa đầu cuối nên máy này không có hình và tiếng. Xin mở bằng Chrome, Edge, Firefox hoặc Safari bản mới. Hoặc vào bằng chữ, rồi nhờ bác sĩ kết thúc cuộc gọi này và mở lại phòng không mã hóa đầu cuối.',
    enterWriting: 'Vào bằng chữ',
  },
  code: {
    title: 'Mã an toàn của cuộc gọi',
    about:
      'Hình và tiếng chỉ mở được trên máy của những người trong phòng. Máy chủ chuyển đi nhưng không xem, không nghe và không ghi lại được.',
    read: 'Đọc sáu nhóm số này cho nhau. Mọi máy giống nhau: không ai đứng giữa. Khác nhau: đừng nói điều riêng tư nữa và kết thúc cuộc gọi.',
    none: 'Mã hiện ra khi đã nhận khóa của người khác trong phòng.',
    changes: 'Mã đổi khi có người vào, ra hoặc tải lại trang; đổi rồi thì đọc lại.',
    missing: (names: string) => `Chưa có khóa của ${names} nên chưa nghe và thấy được họ.`,
    clear: 'Tin nhắn, tệp và ca bệnh không nằm trong lớp mã hóa này: máy chủ vẫn lưu như thường.',
  },
  notice: {
    unreadable: 'Chưa giải mã được hình và tiếng của người khác. Đang xin lại khóa; tin nhắn vẫn dùng được.',
    barred: 'Máy này chỉ trao đổi bằng chữ: trình duyệt không mã hóa đầu cuối được.',
  },
};

export type E2eeTexts = typeof e2eeVi;
