"""Requests under way when the province is loaded: so that nobody's first worklist is empty."""

from telehealth.demonstration.cases.model import CasePatient, OpenCase, Vitals

UNSTABLE_ANGINA = OpenCase(
    key="dau-that-nguc-khong-on-dinh",
    written_before=14,
    sent_before=12,
    urgency="urgent",
    specialty="cardiology",
    spoke="kyson",
    department="hoi-suc-cap-cuu",
    doctor="bs.kyson",
    hub="hndk",
    patient=CasePatient(
        name="Cụt Văn Thắng",
        sex="male",
        years=66,
        only_year=True,
        ethnicity="Khơ Mú",
        language="Tiếng Khơ Mú",
        commune="16870",
        address="Bản Lưu Tiến",
        representative="Cụt Thị Xuân (con gái)",
    ),
    chief_complaint="Đau ngực tái phát khi nghỉ.",
    history_of_present_illness=(
        "Ba ngày nay đau tức sau xương ức khi đi lại, mỗi cơn khoảng 10 phút. Sáng nay đau hai cơn khi đang nằm nghỉ, "
        "cơn sau kéo dài 25 phút, lan lên hàm, vã mồ hôi. Không ngất, không khó thở khi nằm."
    ),
    past_history="Tăng huyết áp 8 năm, uống thuốc không đều. Hút thuốc lào 40 năm.",
    allergies="Chưa ghi nhận.",
    examination=(
        "Tỉnh, da ấm. Tim đều, không tiếng thổi. Phổi không ran. Gan không to, không phù. Hiện không đau ngực."
    ),
    investigations=(
        "Điện tim lúc đau: ST chênh xuống 1,5 mm ở V4 đến V6, hết đau thì về đẳng điện. "
        "Troponin I nhanh lần một âm tính, lần hai chờ sau 3 giờ. Creatinin 98 µmol/L."
    ),
    provisional_diagnosis="Đau thắt ngực không ổn định",
    icd10="I20.0",
    management_done="Aspirin 300 mg nhai, nitroglycerin 2,6 mg uống, thở oxy khi đau, nằm nghỉ, theo dõi điện tim.",
    clinical_course="Hết đau sau 25 phút, hiện ổn định.",
    current_medicines="Amlodipin 5 mg uống không đều.",
    local_resources="Có enoxaparin, clopidogrel, atorvastatin. Không chụp được mạch vành. Xe cứu thương sẵn sàng, đi Vinh khoảng 5 giờ.",
    vitals=(
        Vitals(70, 102, 36.8, 165, 95, 22, 95, pain=7, weight=58),
        Vitals(15, 84, 36.8, 145, 85, 18, 97, pain=0),
    ),
    questions=(
        "Có cần chuyển ngay để chụp mạch vành, hay theo dõi tại chỗ được đến sáng mai?",
        "Dùng kháng kết tập tiểu cầu kép và chống đông liều nào trong lúc chờ?",
    ),
)

UNCONTROLLED_DIABETES = OpenCase(
    key="dai-thao-duong-kho-kiem-soat",
    written_before=190,
    sent_before=180,
    claimed_before=95,
    specialist="bs.noitiet",
    urgency="routine",
    specialty="endocrinology",
    spoke="quephong",
    department="noi-tong-hop",
    doctor="bs.quephong",
    hub="noitiet",
    patient=CasePatient(
        name="Vi Thị Hoa",
        sex="female",
        years=54,
        ethnicity="Thái",
        language="Tiếng Thái",
        commune="16738",
        address="Bản Đỏn Chám",
    ),
    chief_complaint="Đường huyết cao kéo dài dù đã tăng thuốc.",
    history_of_present_illness=(
        "Đái tháo đường típ 2 phát hiện 6 năm. Ba tháng nay đường huyết lúc đói 11 đến 14 mmol/L, tiểu đêm 3 lần, "
        "sụt 3 kg. Uống thuốc đều, ăn ba bữa cơm nếp mỗi ngày. Chưa từng tiêm insulin, ngại tiêm."
    ),
    past_history="Tăng huyết áp 4 năm. Hai con sinh thường, con thứ hai nặng 4,1 kg.",
    allergies="Không.",
    examination="Tỉnh, không mất nước. Tim phổi bình thường. Mạch mu chân rõ, cảm giác rung âm thoa giảm hai bàn chân.",
    investigations="HbA1c 9,8 %. Creatinin 76 µmol/L, mức lọc cầu thận 82. Albumin niệu vết. ALT 31 U/L. Ceton niệu âm tính.",
    provisional_diagnosis="Đái tháo đường típ 2 chưa kiểm soát, biến chứng thần kinh ngoại biên",
    icd10="E11.4",
    management_done="Metformin tăng lên 2000 mg mỗi ngày, gliclazid MR 60 mg, tư vấn ăn uống.",
    clinical_course="Đường huyết giảm ít, không hạ đường huyết.",
    current_medicines="Metformin 1000 mg hai lần mỗi ngày, gliclazid MR 60 mg, losartan 50 mg.",
    local_resources="Có insulin nền và insulin trộn, empagliflozin theo danh mục bảo hiểm. Có máy đo đường huyết cho mượn.",
    vitals=(Vitals(30, 80, 36.7, 135, 80, 16, 98, weight=61, height=152),),
    admitted_days_before=1,
    questions=(
        "Nên thêm insulin nền ngay hay thêm empagliflozin trước?",
        "Liều insulin khởi đầu và cách chỉnh liều tại trạm y tế xã thế nào?",
    ),
)

CHILD_WITH_PNEUMONIA = OpenCase(
    key="viem-phoi-tre-nho",
    written_before=25,
    urgency="priority",
    specialty="paediatrics",
    spoke="kyson",
    department="nhi",
    doctor="bs.kyson2",
    hub="sannhi",
    patient=CasePatient(
        name="Moong Gia Hân",
        sex="female",
        days=430,
        ethnicity="Khơ Mú",
        commune="16870",
        address="Bản Hòa Sơn",
        representative="Moong Thị Liên (mẹ)",
    ),
    chief_complaint="Sốt, ho, thở nhanh ngày thứ tư.",
    history_of_present_illness=(
        "Sốt cao liên tục 4 ngày, ho đờm, bú kém, nôn sau ho. Tiêm ceftriaxon ngày thứ hai, còn sốt 38,8 °C."
    ),
    past_history="Đẻ thường đủ tháng, 2900 g. Tiêm chủng còn thiếu mũi phế cầu.",
    allergies="Chưa ghi nhận.",
    examination="Tỉnh, quấy. Rút lõm lồng ngực nhẹ, ran ẩm đáy phổi phải, rì rào phế nang giảm.",
    investigations="Bạch cầu 19,6 G/L, CRP 84 mg/L.",
    provisional_diagnosis="Viêm phổi thùy dưới phải, theo dõi tràn dịch màng phổi",
    icd10="J18.1",
    management_done="Ceftriaxon 80 mg/kg mỗi ngày, hạ sốt, oxy gọng mũi 1 lít/phút.",
    clinical_course="",  # still being written
    current_medicines="Ceftriaxon, paracetamol.",
    local_resources="",
    vitals=(Vitals(40, 148, 38.8, None, None, 52, 93, weight=9.2),),
    admitted_days_before=2,
    questions=("Có cần đổi kháng sinh hay chờ thêm?",),
)

CASES = (UNSTABLE_ANGINA, UNCONTROLLED_DIABETES, CHILD_WITH_PNEUMONIA)
