"""Cases of obstetrics, gynaecology, neonatology and paediatrics."""

from datetime import time

from telehealth.demonstration.cases.model import Asked, Case, CasePatient, Vitals

SEVERE_PREECLAMPSIA = Case(
    key="tien-san-giat",
    days_ago=6,
    sent=time(20, 15),
    claimed_after=3,
    called_after=10,
    lasted=22,
    urgency="urgent",
    specialty="obstetrics",
    spoke="kyson",
    department="phu-san",
    doctor="bs.kyson2",
    hub="sannhi",
    specialist="bs.san",
    patient=CasePatient(
        name="Moong Thị Ven",
        sex="female",
        years=22,
        ethnicity="Khơ Mú",
        language="Tiếng Khơ Mú",
        needs_interpreter=True,
        commune="16855",
        address="Bản Lưu",
    ),
    chief_complaint="Thai 33 tuần, đau đầu, nhìn mờ.",
    history_of_present_illness=(
        "Có thai lần đầu, 33 tuần theo siêu âm ba tháng đầu. Phù chân hai tuần nay. Từ sáng đau đầu vùng "
        "chẩm, nhìn mờ, đau tức "
        "thượng vị. Chưa co giật. Không ra máu, không đau bụng cơn."
    ),
    past_history="Khỏe mạnh. Khám thai hai lần, huyết áp lúc 20 tuần 110/70 mmHg.",
    allergies="Không có tiền sử dị ứng.",
    examination=(
        "Tỉnh, phù mặt và hai chân. Phản xạ gân xương tăng. Tử cung cao 28 cm, không có cơn co. Tim thai "
        "144 lần/phút. Cổ tử "
        "cung đóng. Phổi không ran. Ấn thượng vị tức."
    ),
    investigations=(
        "Protein niệu 3+. Tiểu cầu 118 G/L, AST 78 U/L, ALT 66 U/L, creatinin 92 µmol/L, acid uric 430 "
        "µmol/L. Siêu âm: một "
        "thai sống, ngôi đầu, ước 1.750 g, ối bình thường."
    ),
    provisional_diagnosis="Thai lần 1, 33 tuần, tiền sản giật có dấu hiệu nặng",
    icd10="O14.1",
    management_done="Nằm nghiêng trái, nifedipin 10 mg uống một lần, đặt đường truyền.",
    clinical_course="Huyết áp giảm còn 155/100 mmHg sau 20 phút, còn đau đầu.",
    current_medicines="Sắt và acid folic.",
    local_resources=(
        "Có magnesi sulfat, calci gluconat, phòng mổ. Không có đơn nguyên sơ sinh cho trẻ dưới 34 tuần. Máu "
        "nhóm O hai đơn vị."
    ),
    vitals=(
        Vitals(35, 94, 37.0, 170, 112, 20, 97, glasgow=15, pain=6, weight=58, height=150),
        Vitals(6, 90, 37.0, 155, 100, 20, 98, glasgow=15, pain=5),
    ),
    asked=(
        Asked(
            "Dùng magnesi sulfat phòng sản giật thế nào?",
            "Người bệnh có dấu hiệu thần kinh và men gan tăng nên cần magnesi sulfat phòng sản giật ngay, "
            "trước khi chuyển.",
            "Liều tấn công 4 g tiêm tĩnh mạch chậm trong 20 phút, duy trì 1 g/giờ. Theo dõi phản xạ gân "
            "xương, nhịp thở trên "
            "16 lần/phút và nước tiểu trên 30 ml/giờ. Để sẵn calci gluconat 1 g.",
        ),
        Asked(
            "Mục tiêu huyết áp và thuốc hạ áp?",
            "Mục tiêu là dưới 150/100 mmHg, không hạ quá nhanh để bảo đảm tưới máu nhau thai.",
            "Nhắc lại nifedipin 10 mg uống sau 20 phút nếu vẫn từ 160/110 mmHg, tối đa 30 mg. Nếu không đạt "
            "thì truyền "
            "nicardipin 1 mg/giờ, tăng dần. Không dùng furosemid khi chưa phù phổi.",
        ),
        Asked(
            "Có chấm dứt thai kỳ tại chỗ không hay chuyển?",
            "Thai 33 tuần cần nơi có hồi sức sơ sinh. Tình trạng mẹ hiện cho phép chuyển sau khi đã dùng "
            "magnesi sulfat và "
            "hạ huyết áp.",
            "Tiêm dexamethason 6 mg bắp mũi đầu trước khi đi. Nữ hộ sinh và bác sĩ đi cùng, mang magnesi "
            "sulfat, calci "
            "gluconat và bộ đỡ đẻ. Nếu co giật hoặc nhau bong non thì quay lại mổ tại cơ sở gần nhất và gọi "
            "cho chúng tôi.",
        ),
    ),
    outcome="accepted",
    decided_after=40,
)

RUPTURED_ECTOPIC_PREGNANCY = Case(
    key="thai-ngoai-tu-cung",
    days_ago=24,
    sent=time(2, 10),
    claimed_after=1,
    called_after=4,
    lasted=11,
    urgency="red",
    specialty="gynaecology",
    spoke="kyson",
    department="phu-san",
    doctor="bs.kyson2",
    nurse="dd.kyson",
    hub="sannhi",
    specialist="bs.san",
    patient=CasePatient(
        name="Vừ Y Dở",
        sex="female",
        years=27,
        ethnicity="Mông",
        language="Tiếng Mông",
        needs_interpreter=True,
        commune="16828",
        address="Bản Huồi Mới",
    ),
    chief_complaint="Đau bụng dữ dội, ngất.",
    history_of_present_illness=(
        "Chậm kinh 7 tuần. Ra máu âm đạo ít ba ngày. Lúc 23 giờ đau bụng dữ dội hố chậu trái rồi lan khắp "
        "bụng, ngất một lần. "
        "Gia đình đưa từ bản xuống mất hai giờ."
    ),
    past_history="Hai con, đẻ thường. Chưa phẫu thuật.",
    allergies="Không rõ.",
    examination=(
        "Kích thích, da niêm mạc nhợt, chi lạnh. Bụng chướng, phản ứng thành bụng, gõ đục vùng thấp. Túi "
        "cùng sau phồng, đau chói."
    ),
    investigations=(
        "Thử thai nước tiểu dương tính. Siêu âm tại giường: buồng tử cung trống, khối cạnh tử cung trái 4 "
        "cm, dịch ổ bụng nhiều "
        "đến khoang gan thận. Hemoglobin 72 g/L. Nhóm máu O Rh dương."
    ),
    provisional_diagnosis="Sốc mất máu do thai ngoài tử cung trái vỡ",
    icd10="O00.1",
    management_done=(
        "Hai đường truyền lớn, natri clorid 0,9% 1.000 ml, oxy 8 lít/phút, đã báo phòng mổ, huy động người "
        "hiến máu."
    ),
    clinical_course="Huyết áp 75/40 lên 85/50 mmHg sau 1.000 ml dịch.",
    current_medicines="Không.",
    local_resources=(
        "Có phòng mổ, bác sĩ gây mê, phẫu thuật viên ngoại; bác sĩ sản mới mổ thai ngoài tử cung vài ca. "
        "Máu O ba đơn vị."
    ),
    vitals=(
        Vitals(25, 134, 36.2, 75, 40, 28, 95, glasgow=14, pain=8, weight=46),
        Vitals(3, 126, 36.1, 85, 50, 26, 98, glasgow=14),
    ),
    asked=(
        Asked(
            "Mổ ngay tại trung tâm hay hồi sức rồi chuyển?",
            "Phải mổ ngay tại trung tâm. Người bệnh đang sốc mất máu, không chịu được quãng đường năm giờ; "
            "hồi sức chỉ có kết "
            "quả khi đã cầm được máu.",
            "Vừa hồi sức vừa mổ. Giữ huyết áp tâm thu khoảng 90 mmHg cho đến khi cặp được cuống mạch. "
            "Truyền máu O cùng nhóm "
            "ngay khi có, tỷ lệ hồng cầu và huyết tương 1:1 nếu có.",
        ),
        Asked(
            "Kỹ thuật mổ nên thế nào trong điều kiện của chúng tôi?",
            "Chọn mổ mở đường giữa dưới rốn và cắt vòi tử cung trái; không bảo tồn vòi tử cung trong tình "
            "trạng sốc.",
            "Vào bụng đưa tay nâng đáy tử cung, cặp ngay mạc treo vòi trái rồi mới hút máu. Có thể truyền "
            "máu hoàn hồi nếu máu "
            "trong ổ bụng còn mới. Kiểm tra vòi phải. Tôi giữ máy trong suốt cuộc mổ nếu cần.",
        ),
    ),
    outcome="accepted",
    decided_after=16,
)

PRETERM_RESPIRATORY_DISTRESS = Case(
    key="suy-ho-hap-so-sinh",
    days_ago=15,
    sent=time(5, 35),
    claimed_after=2,
    called_after=7,
    lasted=26,
    urgency="red",
    specialty="neonatology",
    spoke="anhson",
    department="nhi",
    doctor="bs.anhson",
    hub="sannhi",
    specialist="bs.sosinh",
    patient=CasePatient(
        name="Con bà Đặng Thị Thảo",
        sex="female",
        days=0,
        ethnicity="Kinh",
        commune="17357",
        address="Thôn Yên Sơn",
        representative="Đặng Thị Thảo (mẹ)",
        has_papers=False,
    ),
    chief_complaint="Trẻ sinh non 32 tuần, thở rên ngay sau sinh.",
    history_of_present_illness=(
        "Mẹ 19 tuổi, vỡ ối 20 giờ, đẻ thường lúc 4 giờ 50, thai 32 tuần, nặng 1.600 g. Apgar 7 điểm phút "
        "thứ nhất, 8 điểm phút "
        "thứ năm. Sau sinh 10 phút thở nhanh, rên, rút lõm lồng ngực. Mẹ chưa được tiêm corticoid."
    ),
    past_history="Mẹ sốt 38 độ trước đẻ hai giờ.",
    allergies="Chưa có thông tin.",
    examination=(
        "Trẻ hồng khi thở oxy, thở 74 lần/phút, rên nghe được bằng tai, rút lõm hõm ức và liên sườn, cánh "
        "mũi phập phồng. Silverman "
        "6 điểm. Tim đều, mạch bẹn rõ. Trương lực cơ giảm nhẹ. Thóp phẳng."
    ),
    investigations="Đường máu mao mạch 2,4 mmol/L. X quang phổi: lưới hạt hai phổi, có hình khí phế quản đồ.",
    provisional_diagnosis="Bệnh màng trong độ II ở trẻ sinh non 32 tuần; theo dõi nhiễm khuẩn sơ sinh sớm",
    icd10="P22.0",
    management_done="Ủ ấm, oxy qua gọng mũi 1 lít/phút, glucose 10% 3 ml tĩnh mạch.",
    clinical_course="SpO2 từ 84% lên 90%, vẫn rên.",
    current_medicines="Chưa.",
    local_resources=(
        "Có máy thở áp lực dương liên tục tự tạo, lồng ấp, máy truyền dịch. Không có surfactant. Về Vinh "
        "100 km."
    ),
    vitals=(
        Vitals(30, 152, 35.9, None, None, 74, 84, weight=1.6),
        Vitals(4, 158, 36.3, None, None, 72, 90, weight=1.6),
    ),
    asked=(
        Asked(
            "Thở áp lực dương liên tục cài đặt thế nào?",
            "Trẻ có chỉ định thở áp lực dương liên tục ngay; oxy qua gọng mũi không đủ vì phế nang đang xẹp "
            "dần.",
            "Áp lực 6 cmH2O, lưu lượng 6 lít/phút, oxy 40%, chỉnh để SpO2 từ 90 đến 95%. Đặt ống thông dạ "
            "dày mở. Nếu cần oxy "
            "trên 40% hoặc ngừng thở thì báo lại ngay để quyết định đặt nội khí quản.",
        ),
        Asked(
            "Dịch, đường máu và kháng sinh?",
            "Trẻ hạ đường máu và có yếu tố nguy cơ nhiễm khuẩn nên cần truyền glucose duy trì và kháng sinh "
            "sớm, sau khi cấy máu.",
            "Glucose 10% 80 ml/kg/ngày, thử lại đường máu sau 30 phút. Ampicilin 50 mg/kg mỗi 12 giờ và "
            "gentamicin 4,5 mg/kg mỗi "
            "36 giờ. Cafein citrat 20 mg/kg liều tấn công.",
        ),
        Asked(
            "Chuyển lúc nào và chuẩn bị gì?",
            "Trẻ cần surfactant trong những giờ đầu nên chúng tôi cử kíp vận chuyển sơ sinh đến đón, không "
            "chuyển bằng xe thường.",
            "Giữ thân nhiệt 36,5 đến 37,5 độ trong lồng ấp. Kíp mang surfactant đến sau khoảng 2 giờ 15 "
            "phút. Chuẩn bị 2 ml máu mẹ "
            "và tóm tắt bệnh án của mẹ.",
        ),
    ),
    outcome="accepted",
    decided_after=36,
)

SEVERE_CHILD_PNEUMONIA = Case(
    key="viem-phoi-tre-em",
    days_ago=3,
    sent=time(10, 30),
    claimed_after=7,
    called_after=30,
    lasted=19,
    urgency="urgent",
    specialty="paediatrics",
    spoke="tuongduong",
    department="nhi",
    doctor="bs.tuongduong2",
    hub="sannhi",
    specialist="bs.nhi",
    admitted_days_before=2,
    patient=CasePatient(
        name="Cụt Văn Phò",
        sex="male",
        days=430,
        ethnicity="Khơ Mú",
        language="Tiếng Khơ Mú",
        needs_interpreter=True,
        commune="16906",
        address="Bản Cằng",
        representative="Cụt Thị Ót (mẹ)",
        has_papers=False,
    ),
    chief_complaint="Sốt, khó thở ngày thứ năm.",
    history_of_present_illness=(
        "Ho, sốt năm ngày, tự mua thuốc ở chợ. Hai ngày trước vào viện vì thở nhanh, bú kém. Đã dùng "
        "ceftriaxon hai ngày, vẫn sốt "
        "39 độ, khó thở tăng từ đêm qua."
    ),
    past_history="Sinh đủ tháng 2.600 g. Chưa tiêm vắc xin phế cầu. Suy dinh dưỡng độ I.",
    allergies="Chưa phát hiện.",
    examination=(
        "Tỉnh, quấy khóc, tím nhẹ quanh môi. Rút lõm lồng ngực nặng. Phổi phải giảm thông khí đáy, ran ẩm "
        "nhỏ hạt hai bên. Gan dưới "
        "bờ sườn 2 cm. Nhiều mụn mủ ở da đùi."
    ),
    investigations=(
        "Bạch cầu 24,6 G/L, trung tính 86%. CRP 168 mg/L. X quang: đông đặc thùy dưới phải, mờ góc sườn "
        "hoành phải. Siêu âm màng "
        "phổi phải dịch 12 mm."
    ),
    provisional_diagnosis="Viêm phổi nặng thùy dưới phải, tràn dịch màng phổi phải lượng ít, theo dõi tụ cầu",
    icd10="J18.1",
    management_done=(
        "Oxy gọng mũi 2 lít/phút, ceftriaxon 80 mg/kg/ngày, paracetamol 15 mg/kg, truyền dịch duy trì."
    ),
    clinical_course="Không cải thiện sau 48 giờ kháng sinh.",
    current_medicines="Ceftriaxon, paracetamol.",
    local_resources="Có máy thở oxy dòng cao qua mũi, không có bác sĩ phẫu thuật lồng ngực. Về Vinh 200 km.",
    vitals=(
        Vitals(60, 164, 39.1, None, None, 62, 89, weight=8.2, height=74),
        Vitals(8, 158, 38.6, None, None, 60, 92, weight=8.2),
    ),
    asked=(
        Asked(
            "Đổi kháng sinh thế nào?",
            "Trẻ chưa đáp ứng sau 48 giờ, có mụn mủ ở da và tràn dịch nên phải nghĩ đến tụ cầu vàng, kể cả "
            "chủng kháng thuốc.",
            "Giữ ceftriaxon, thêm vancomycin 15 mg/kg mỗi 6 giờ truyền trong 60 phút. Cấy máu và cấy mủ da "
            "trước khi đổi. Theo dõi "
            "creatinin mỗi hai ngày.",
        ),
        Asked(
            "Hỗ trợ hô hấp và tràn dịch xử trí ra sao, có cần chuyển không?",
            "Dịch hiện ít, chưa cần chọc hút điều trị. Trẻ cần thở oxy dòng cao và theo dõi sát; chưa bắt "
            "buộc chuyển nếu đáp ứng "
            "trong sáu giờ.",
            "Oxy dòng cao 2 lít/kg/phút, oxy 40%. Siêu âm lại màng phổi sau 12 giờ; nếu dịch trên 20 mm "
            "hoặc có vách thì chuyển để "
            "dẫn lưu. Chúng tôi hội chẩn lại lúc 16 giờ 30 hôm nay.",
        ),
    ),
    outcome="accepted",
    decided_after=65,
)

CASES = (
    SEVERE_PREECLAMPSIA,
    RUPTURED_ECTOPIC_PREGNANCY,
    PRETERM_RESPIRATORY_DISTRESS,
    SEVERE_CHILD_PNEUMONIA,
)
