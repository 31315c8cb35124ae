"""Cases of oncology, nephrology and endocrinology."""

from datetime import time

from telehealth.demonstration.cases.model import Asked, Case, CasePatient, Vitals

COLON_CANCER = Case(
    key="ung-thu-dai-trang",
    days_ago=35,
    sent=time(10, 0),
    claimed_after=120,
    called_after=0,
    lasted=0,
    by_writing=True,
    urgency="async",
    specialty="oncology",
    spoke="vinh",
    department="noi-tong-hop",
    doctor="bs.vinh",
    hub="ungbuou",
    specialist="bs.ungbuou",
    admitted_days_before=4,
    patient=CasePatient(
        name="Võ Thị Kim Hiền",
        sex="female",
        years=58,
        ethnicity="Kinh",
        commune="16690",
        address="Khối 4",
    ),
    chief_complaint="Đi ngoài ra máu, thay đổi thói quen đại tiện ba tháng.",
    history_of_present_illness=(
        "Ba tháng nay đi ngoài lẫn máu, táo lỏng xen kẽ, sút 4 kg. Không đau bụng dữ dội, không nôn."
    ),
    past_history="Tăng huyết áp điều trị đều. Mẹ mất vì ung thư đại tràng năm 62 tuổi.",
    allergies="Không có.",
    examination=(
        "Thể trạng trung bình, da niêm mạc hơi nhợt. Bụng mềm, không sờ thấy khối. Hạch ngoại vi không to."
    ),
    investigations=(
        "Nội soi: khối u sùi đại tràng sigma cách rìa hậu môn 28 cm, chiếm hai phần ba chu vi. Mô bệnh học: "
        "ung thư biểu mô tuyến biệt hóa vừa. "
        "Cắt lớp ngực bụng: u dày thành 18 mm, vài hạch mạc treo 6–9 mm, gan phổi không thấy tổn thương. "
        "CEA 12 ng/mL. Hemoglobin 104 g/L."
    ),
    provisional_diagnosis="Ung thư đại tràng sigma, cT3N1M0",
    icd10="C18.7",
    management_done="Bổ sung sắt, chuẩn bị dinh dưỡng.",
    clinical_course="Ổn định, chưa tắc ruột.",
    current_medicines="Amlodipin 5 mg, sắt uống.",
    local_resources="Có phẫu thuật nội soi đại tràng; không có hóa trị và xét nghiệm gen.",
    vitals=(Vitals(120, 80, 36.7, 135, 80, 18, 98, glasgow=15, weight=49, height=154),),
    asked=(
        Asked(
            "Mổ trước hay hóa trị trước?",
            "U còn cắt được, chưa di căn xa và chưa tắc ruột nên phẫu thuật trước. Hóa trị trước mổ chưa "
            "phải lựa chọn chuẩn ở giai đoạn này.",
            "Cắt đại tràng sigma kèm nạo vét ít nhất 12 hạch. Gửi bệnh phẩm xét nghiệm MMR hoặc MSI. Nội "
            "soi lại toàn bộ đại tràng nếu trước mổ "
            "chưa qua được khối u.",
        ),
        Asked(
            "Sau mổ điều trị gì tiếp?",
            "Chỉ định hóa trị bổ trợ phụ thuộc giai đoạn sau mổ và MSI; nếu hạch dương tính thì có chỉ định.",
            "Giai đoạn III nguy cơ thấp: phác đồ CAPOX ba tháng; nguy cơ cao: sáu tháng. Bắt đầu trong 6 "
            "đến 8 tuần sau mổ tại bệnh viện chúng tôi. "
            "Con ruột nên nội soi sàng lọc từ 40 tuổi hoặc sớm hơn mười năm so với tuổi mắc trẻ nhất trong "
            "nhà.",
        ),
    ),
    outcome="declined",
    decided_after=3_000,
    reason=(
        "Người bệnh và gia đình chọn mổ tại bệnh viện tuyến trung ương; đã cung cấp tóm tắt bệnh án và bản "
        "kết luận này."
    ),
)

CHRONIC_KIDNEY_DISEASE = Case(
    key="benh-than-man",
    days_ago=48,
    sent=time(9, 30),
    claimed_after=20,
    called_after=240,
    lasted=20,
    urgency="routine",
    specialty="nephrology",
    spoke="quychau",
    department="noi-tong-hop",
    doctor="bs.quychau",
    hub="hndk",
    specialist="bs.than",
    admitted_days_before=2,
    patient=CasePatient(
        name="Lương Thị Thơm",
        sex="female",
        years=52,
        ethnicity="Thái",
        commune="16804",
        address="Bản Piêng",
    ),
    chief_complaint="Mệt, phù chân, chán ăn.",
    history_of_present_illness=(
        "Bệnh thận phát hiện ba năm. Một tháng nay mệt nhiều, phù hai chân, buồn nôn buổi sáng, ngứa. Tiểu "
        "khoảng 900 ml mỗi ngày."
    ),
    past_history="Tăng huyết áp 12 năm. Dùng thuốc nam nhiều năm.",
    allergies="Không có.",
    examination=(
        "Tỉnh, da niêm mạc nhợt, phù mềm hai chân. Tim đều, không tiếng cọ. Phổi không ran. Mạch quay và "
        "tĩnh mạch cẳng tay trái tốt."
    ),
    investigations=(
        "Creatinin 620 µmol/L, mức lọc cầu thận ước tính 6 ml/phút, ure 32 mmol/L, kali 6,1 mmol/L, HCO3 16 "
        "mmol/L, hemoglobin 82 g/L, canxi "
        "1,9 mmol/L, phospho 2,1 mmol/L. Điện tim: sóng T cao nhẹ. Siêu âm: hai thận teo."
    ),
    provisional_diagnosis="Bệnh thận mạn giai đoạn 5 chưa lọc máu, tăng kali máu, thiếu máu",
    icd10="N18.5",
    management_done="Ngừng losartan, hạn chế kali, furosemid 40 mg tĩnh mạch, calci gluconat 1 g.",
    clinical_course="Sau furosemid tiểu 1.100 ml, kali lần hai 5,8 mmol/L.",
    current_medicines="Losartan 100 mg (đã ngừng), amlodipin 10 mg.",
    local_resources="Không có máy lọc máu. Có insulin, resin trao đổi kali. Nơi lọc máu gần nhất cách 60 km.",
    vitals=(Vitals(60, 84, 36.6, 165, 95, 20, 97, glasgow=15, weight=46, height=150),),
    asked=(
        Asked(
            "Xử trí tăng kali tại chỗ thế nào, khi nào phải chuyển gấp?",
            "Kali 5,8 mmol/L với thay đổi điện tim nhẹ có thể điều trị nội khoa và theo dõi tại trung tâm "
            "trong 24 giờ.",
            "Insulin nhanh 10 đơn vị với glucose 20% 250 ml truyền trong 60 phút, resin trao đổi kali 15 g "
            "mỗi 8 giờ, natri bicarbonat uống 1 g "
            "ba lần mỗi ngày. Chuyển gấp nếu kali từ 6,5 mmol/L, QRS giãn, phù phổi hoặc vô niệu.",
        ),
        Asked(
            "Khi nào bắt đầu lọc máu và chuẩn bị đường vào ra sao?",
            "Người bệnh đã có triệu chứng tăng ure máu nên cần bắt đầu lọc máu trong hai tuần tới. Nên tạo "
            "lỗ thông động tĩnh mạch sớm để không "
            "phải đặt ống thông.",
            "Hẹn mổ tạo lỗ thông tay trái tuần sau; không lấy máu, không truyền ở tay trái. Tiêm vắc xin "
            "viêm gan B. Erythropoietin 4.000 đơn vị "
            "tiêm dưới da mỗi tuần hai lần, kiểm tra ferritin. Tư vấn cả lọc màng bụng vì nhà xa.",
        ),
    ),
    outcome="accepted",
    decided_after=290,
)

DIABETIC_KETOACIDOSIS = Case(
    key="nhiem-toan-ceton",
    days_ago=2,
    sent=time(13, 15),
    claimed_after=5,
    called_after=12,
    lasted=21,
    urgency="urgent",
    specialty="endocrinology",
    spoke="tuongduong",
    department="noi-tong-hop",
    doctor="bs.tuongduong",
    hub="hndk",
    specialist="bs.noitiet",
    patient=CasePatient(
        name="Kha Thị Nguyệt",
        sex="female",
        years=24,
        ethnicity="Thái",
        commune="16936",
        address="Bản Lưu",
    ),
    chief_complaint="Nôn, đau bụng, thở nhanh.",
    history_of_present_illness=(
        "Đái tháo đường típ 1 từ năm 17 tuổi. Bỏ tiêm insulin năm ngày vì hết thuốc. Hai ngày nay khát, "
        "tiểu nhiều, nôn, đau bụng, sáng nay lơ mơ."
    ),
    past_history="Một lần nhiễm toan ceton ba năm trước.",
    allergies="Không có.",
    examination=(
        "Lơ mơ, gọi hỏi trả lời được. Môi khô, mắt trũng. Thở nhanh sâu, hơi thở mùi ceton. Bụng mềm, ấn "
        "đau lan tỏa, không phản ứng. Phổi không ran."
    ),
    investigations=(
        "Glucose 28,4 mmol/L. Khí máu: pH 7,08; HCO3 7 mmol/L. Kali 3,1 mmol/L, natri 131 mmol/L, creatinin "
        "112 µmol/L. Ceton niệu 3+. Bạch cầu "
        "15 G/L. Thử thai âm tính. Điện tim: sóng U."
    ),
    provisional_diagnosis="Nhiễm toan ceton do đái tháo đường típ 1 mức độ nặng, hạ kali máu",
    icd10="E10.1",
    management_done="Natri clorid 0,9% 1.000 ml trong giờ đầu, đặt ống thông tiểu, chuẩn bị truyền insulin.",
    clinical_course="Mạch giảm từ 128 xuống 116 lần/phút, tiểu 150 ml.",
    current_medicines="Insulin nền 20 đơn vị, đã bỏ.",
    local_resources="Có khí máu, điện giải làm được trong 30 phút, bơm tiêm điện hai cái.",
    vitals=(
        Vitals(60, 128, 36.9, 92, 58, 34, 98, glasgow=14, weight=45, height=155),
        Vitals(6, 116, 36.8, 104, 62, 32, 99, glasgow=14),
    ),
    asked=(
        Asked(
            "Bắt đầu insulin ngay khi kali 3,1 mmol/L được không?",
            "Chưa được. Kali dưới 3,3 mmol/L thì truyền insulin sẽ đẩy kali vào tế bào, có thể gây loạn "
            "nhịp nguy hiểm; phải bù kali trước.",
            "Kali clorid 20 mmol/giờ pha trong natri clorid 0,9%, truyền qua bơm, theo dõi điện tim liên "
            "tục. Thử lại kali sau 2 giờ; khi trên 3,3 "
            "mmol/L mới truyền insulin 0,1 đơn vị/kg/giờ, không tiêm liều nạp.",
        ),
        Asked(
            "Dịch truyền và bicarbonat thế nào?",
            "Không dùng bicarbonat vì pH trên 6,9; bicarbonat còn làm hạ kali thêm. Dịch là điều trị quan "
            "trọng nhất trong những giờ đầu.",
            "Natri clorid 0,9% 500 ml/giờ trong 4 giờ, sau đó 250 ml/giờ. Khi glucose dưới 14 mmol/L thì "
            "thêm glucose 5% và giữ insulin cho đến khi "
            "hết toan. Giảm glucose không quá 5 mmol/L mỗi giờ, phòng phù não.",
        ),
        Asked(
            "Khi nào chuyển sang tiêm dưới da và phòng tái phát?",
            "Chuyển khi pH trên 7,3, HCO3 trên 18 mmol/L và người bệnh ăn được.",
            "Tiêm insulin nền 0,25 đơn vị/kg trước khi ngừng truyền 2 giờ. Trước khi ra viện bảo đảm có "
            "insulin đủ hai tháng tại trạm y tế xã và hẹn "
            "tôi khám lại từ xa sau hai tuần.",
        ),
    ),
    outcome="accepted",
    decided_after=40,
)

CASES = (COLON_CANCER, CHRONIC_KIDNEY_DISEASE, DIABETIC_KETOACIDOSIS)
