import type { RoomTexts } from './room.vi';

/** What a visit's room says otherwise than a consultation's: to the practitioner (`staff`), and to who came by a link (`guest`). */
export type Otherwise<T> = { readonly [K in keyof T]?: T[K] extends (...args: never[]) => unknown ? T[K] : T[K] extends string ? string : Otherwise<T[K]> };

const both = {
  title: 'Khám từ xa',
  lead: { live: 'Đang khám' },
  board: { spoke: 'Người bệnh', hub: 'Bác sĩ' },
  say: { live: 'Buổi khám bắt đầu' },
} satisfies Otherwise<RoomTexts>;

export const staffVi = {
  ...both,
  board: {
    ...both.board,
    waitSpoke: 'Người bệnh chưa vào phòng chờ',
    waitSpokeText: 'Khi người bệnh vào, họ tên hiện ở đây để anh/chị mời.',
    waitHub: 'Bác sĩ chưa vào phòng',
    waitHubText: 'Khi bác sĩ vào, màn hình này tự chuyển sang cuộc gọi.',
  },
  drawer: { label: 'Buổi khám và trao đổi', case: 'Buổi khám' },
  controls: { case: 'Buổi khám' },
  panel: { loading: 'Đang tải buổi khám…', failed: 'Chưa tải được buổi khám' },
  chat: { emptyText: 'Chữ và tệp gửi ở đây người bệnh đọc được ngay, và được giữ trong hồ sơ buổi khám.' },
  leave: {
    endText: 'Đã khám xong. Bản tóm tắt vẫn viết và ký được sau đó.',
    interruptText: 'Đường truyền hoặc tình hình không cho tiếp tục. Gọi lại được từ danh sách khám từ xa.',
  },
  ended: {
    finishedText: 'Viết tóm tắt cho người bệnh rồi ký: người bệnh đọc được bằng chính liên kết đã có.',
    interruptedText: 'Buổi khám còn mở. Có thể gọi lại, hoặc viết tóm tắt.',
    abandonedText: 'Buổi khám còn mở. Có thể gọi lại từ danh sách khám từ xa.',
    cancelledText: 'Lịch hẹn đã hủy.',
    toCase: 'Mở buổi khám',
    toCaseAnswer: 'Viết và ký tóm tắt',
    worklist: 'Về danh sách hội chẩn',
    notAllowedText: 'Xin mở lại từ danh sách khám từ xa.',
  },
} satisfies Otherwise<RoomTexts>;

export const guestVi = {
  ...both,
  board: {
    ...both.board,
    waitHub: 'Bác sĩ chưa vào phòng',
    waitHubText: 'Khi bác sĩ mời, màn hình này tự chuyển sang cuộc gọi. Xin giữ màn hình này mở.',
    waitAdmitText: 'Bác sĩ sẽ mời anh/chị vào. Xin giữ màn hình này mở.',
    enteringText: 'Xin chờ vài giây.',
    nobody: 'Chưa vào phòng',
  },
  check: { about: 'Chỉ anh/chị thấy và nghe phần này. Không có camera vẫn vào được.' },
  drawer: { label: 'Trao đổi' },
  chat: { emptyText: 'Viết cho bác sĩ, hoặc gửi ảnh đơn thuốc, kết quả xét nghiệm.', write: 'Viết cho bác sĩ' },
  ended: {
    finished: 'Buổi khám đã xong',
    finishedText: 'Bác sĩ sẽ viết tóm tắt. Anh/chị đọc ở trang lịch hẹn, bằng chính liên kết này.',
    interrupted: 'Cuộc gọi dừng dở',
    interruptedText: 'Bác sĩ sẽ gọi lại hoặc viết cho anh/chị. Xin mở lại trang lịch hẹn.',
    abandoned: 'Cuộc gọi đã đóng vì không còn ai trong phòng',
    abandonedText: 'Có thể vào lại phòng chờ từ trang lịch hẹn.',
    cancelled: 'Buổi khám đã hủy',
    cancelledText: 'Xin gọi cơ sở y tế nếu anh/chị không biết việc này.',
    leftText: 'Bác sĩ có thể vẫn đang chờ. Anh/chị vào lại được.',
    removed: 'Anh/chị không còn ở trong phòng',
    removedText: 'Liên kết này đã được thu hồi, hoặc bác sĩ đã mời anh/chị ra. Nếu là nhầm lẫn, xin gọi cơ sở y tế.',
    signedOut: 'Cần xác nhận lại số điện thoại',
    signedOutText: 'Xin mở lại trang lịch hẹn và nhập mã gửi đến điện thoại.',
    signIn: 'Xác nhận lại',
    notAllowed: 'Liên kết này không còn dùng được',
    notAllowedText: 'Xin mở tin nhắn mới nhất, hoặc gọi cơ sở y tế.',
    toCase: 'Về trang lịch hẹn',
  },
  notice: { mediaRefused: 'Chưa nối được hình và tiếng. Anh/chị vẫn viết cho bác sĩ được; tải lại trang để thử lại.' },
} satisfies Otherwise<RoomTexts>;
