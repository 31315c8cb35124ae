/** What the scanner and the desk say. Vietnamese is the source language. */
export const scanVi = {
  camera: {
    asking: 'Trình duyệt đang hỏi quyền dùng camera. Hãy bấm Cho phép.',
    starting: 'Đang mở camera…',
    looking: 'Đưa mã trên thẻ vào giữa khung, cách khoảng một gang tay.',
    found: 'Đã đọc được mã.',
    denied: 'Trình duyệt không cho dùng camera. Hãy bấm biểu tượng ổ khóa cạnh địa chỉ trang để cho phép, hoặc gõ số trên thẻ.',
    none: 'Máy này không có camera. Hãy dùng máy quét hoặc gõ số trên thẻ.',
    busy: 'Camera đang được chương trình khác dùng. Hãy đóng chương trình đó rồi bấm Thử lại.',
    insecure: 'Trang này mở không qua https nên không dùng được camera. Hãy dùng máy quét hoặc gõ số trên thẻ.',
    broken: 'Không mở được phần đọc mã. Hãy bấm Thử lại, hoặc gõ số trên thẻ.',
  },
  desk: {
    reading: 'Đang tra…',
    found: 'Đã có kết quả.',
  },
};

export type ScanTexts = typeof scanVi;
