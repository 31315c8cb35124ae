"""Cases of cardiology, stroke, neurosurgery and respiratory medicine."""

from datetime import time

from telehealth.demonstration.cases.model import Asked, Case, CasePatient, Vitals

MYOCARDIAL_INFARCTION = Case(
    key="nhoi-mau-co-tim",
    days_ago=12,
    sent=time(7, 42),
    claimed_after=2,
    called_after=6,
    lasted=24,
    urgency="red",
    specialty="cardiology",
    spoke="kyson",
    department="hoi-suc-cap-cuu",
    doctor="bs.kyson",
    nurse="dd.kyson",
    hub="hndk",
    specialist="bs.timmach",
    line_lost_at=9,
    patient=CasePatient(
        name="Lô Văn Khăm",
        sex="male",
        years=62,
        only_year=True,
        ethnicity="Thái",
        language="Tiếng Thái",
        needs_interpreter=True,
        commune="16849",
        address="Bản Na",
    ),
    chief_complaint="Đau ngực trái giờ thứ ba.",
    history_of_present_illness=(
        "Khoảng 4 giờ 30 sáng nay người bệnh đang ngủ thì đau thắt sau xương ức dữ dội, lan lên vai trái và "
        "hàm dưới, "
        "vã mồ hôi, buồn nôn, nôn một lần. Nghỉ ngơi không đỡ. Gia đình chở xe máy đến trung tâm lúc 7 giờ "
        "10."
    ),
    past_history=(
        "Tăng huyết áp 8 năm, uống amlodipin không đều. Hút thuốc lào 40 năm. Chưa từng đột quỵ, chưa phẫu "
        "thuật."
    ),
    allergies="Không có tiền sử dị ứng thuốc, thức ăn.",
    examination=(
        "Tỉnh, da lạnh, vã mồ hôi. Tim đều, tiếng T1 T2 rõ, không nghe tiếng thổi. Phổi thông khí đều hai "
        "bên, không ran. "
        "Bụng mềm. Mạch tứ chi bắt đều hai bên. Không phù."
    ),
    investigations=(
        "Điện tim 7 giờ 18: nhịp xoang 96 lần/phút, ST chênh lên 3–4 mm từ V1 đến V4, soi gương ở DII, "
        "DIII, aVF. "
        "Troponin I nhanh: dương tính. Hemoglobin 132 g/L, tiểu cầu 214 G/L, creatinin 88 µmol/L, glucose "
        "8,1 mmol/L. "
        "INR 1,02."
    ),
    provisional_diagnosis="Nhồi máu cơ tim cấp có ST chênh lên thành trước rộng, giờ thứ ba, Killip I",
    icd10="I21.0",
    management_done=(
        "Thở oxy 3 lít/phút, đặt hai đường truyền. Aspirin 300 mg nhai, clopidogrel 300 mg uống, enoxaparin "
        "30 mg tiêm "
        "tĩnh mạch, morphin 3 mg tĩnh mạch chậm."
    ),
    clinical_course="Sau morphin còn đau 5/10. Huyết áp ổn định, không rối loạn nhịp trên monitor.",
    current_medicines="Amlodipin 5 mg mỗi ngày, uống không đều.",
    local_resources=(
        "Có alteplase 50 mg hai lọ, máy sốc điện, monitor. Không có phòng can thiệp mạch. Xe cứu thương sẵn "
        "sàng, "
        "đường về Vinh khoảng 250 km, 5 giờ."
    ),
    vitals=(
        Vitals(27, 96, 36.8, 150, 90, 22, 94, glasgow=15, pain=8, weight=56, height=160),
        Vitals(5, 88, 36.7, 135, 80, 20, 97, glasgow=15, pain=5),
    ),
    asked=(
        Asked(
            "Người bệnh có chỉ định tiêu sợi huyết tại trung tâm không, liều lượng thế nào?",
            "Người bệnh có chỉ định tiêu sợi huyết ngay tại trung tâm vì đến trong ba giờ đầu và không thể "
            "can thiệp "
            "mạch vành trong vòng 120 phút. Tôi không thấy chống chỉ định tuyệt đối trong bệnh sử và khám.",
            "Alteplase 15 mg tiêm tĩnh mạch, tiếp theo 42 mg truyền trong 30 phút và 28 mg truyền trong 60 "
            "phút. "
            "Enoxaparin 1 mg/kg tiêm dưới da mỗi 12 giờ, bắt đầu sau liều tĩnh mạch 15 phút. Theo dõi điện "
            "tim liên tục.",
        ),
        Asked(
            "Theo dõi những gì trong và sau khi truyền, xử trí thế nào nếu chảy máu hoặc loạn nhịp?",
            "Nguy cơ chính trong hai giờ đầu là rối loạn nhịp do tái tưới máu và chảy máu, nhất là chảy máu "
            "não.",
            "Đo huyết áp mỗi 10 phút, hỏi đau đầu và khám thần kinh mỗi 15 phút. Nếu rung thất thì sốc điện "
            "không đồng bộ "
            "200 J. Nếu đau đầu dữ dội hoặc rối loạn ý thức thì ngừng thuốc ngay và gọi lại cho tôi.",
        ),
        Asked(
            "Khi nào chuyển người bệnh về tuyến trên?",
            "Người bệnh cần được chuyển ngay sau khi kết thúc truyền thuốc để chụp mạch vành trong vòng 24 "
            "giờ; nếu sau "
            "90 phút ST giảm chưa được một nửa thì cần can thiệp cứu vãn.",
            "Ghi điện tim lại sau 60 và 90 phút. Bác sĩ và điều dưỡng đi cùng, mang máy sốc điện. Khoa Tim "
            "mạch đã được "
            "báo để chuẩn bị phòng can thiệp.",
        ),
    ),
    outcome="accepted",
    decided_after=38,
)

ISCHAEMIC_STROKE = Case(
    key="dot-quy",
    days_ago=9,
    sent=time(15, 20),
    claimed_after=3,
    called_after=8,
    lasted=18,
    urgency="red",
    specialty="stroke",
    spoke="quephong",
    department="hoi-suc-cap-cuu",
    doctor="bs.quephong",
    nurse="dd.quephong",
    hub="hndk",
    specialist="bs.dotquy",
    patient=CasePatient(
        name="Vi Thị Pành",
        sex="female",
        years=67,
        ethnicity="Thái",
        language="Tiếng Thái",
        needs_interpreter=True,
        commune="16750",
        address="Bản Piêng",
    ),
    chief_complaint="Yếu nửa người phải, nói khó giờ thứ hai.",
    history_of_present_illness=(
        "Lúc 13 giờ 30, con dâu thấy người bệnh làm rơi bát cơm, méo miệng sang trái, nói ú ớ, yếu tay chân "
        "phải. "
        "Trước đó 10 phút còn nói chuyện bình thường. Không đau đầu, không nôn, không co giật."
    ),
    past_history=(
        "Rung nhĩ phát hiện hai năm trước, không dùng thuốc chống đông. Tăng huyết áp dùng losartan 50 mg."
    ),
    allergies="Không rõ dị ứng.",
    examination=(
        "Tỉnh, làm theo lệnh đơn giản, nói khó. Liệt mặt phải kiểu trung ương. Cơ lực tay phải 1/5, chân "
        "phải 2/5. "
        "Thang điểm NIHSS 14. Tim loạn nhịp hoàn toàn. Phổi không ran."
    ),
    investigations=(
        "Đường máu mao mạch 7,4 mmol/L. Điện tim: rung nhĩ 92 lần/phút. INR 1,0. Tiểu cầu 188 G/L."
    ),
    provisional_diagnosis="Đột quỵ não giờ thứ hai, theo dõi nhồi máu não bán cầu trái do rung nhĩ",
    icd10="I63.4",
    management_done="Nằm đầu cao 30 độ, đặt đường truyền natri clorid 0,9%, không cho ăn uống qua miệng.",
    clinical_course="Chưa thay đổi sau 30 phút theo dõi.",
    current_medicines="Losartan 50 mg mỗi ngày.",
    local_resources=(
        "Không có máy chụp cắt lớp vi tính. Xe cứu thương sẵn sàng. Tới Bệnh viện khu vực Tây Bắc 1 giờ 45 "
        "phút."
    ),
    vitals=(
        Vitals(25, 92, 36.6, 185, 105, 20, 96, glasgow=13, weight=48),
        Vitals(4, 90, 36.6, 178, 100, 20, 97, glasgow=13),
    ),
    asked=(
        Asked(
            "Có cần hạ huyết áp trước khi chuyển không?",
            "Không hạ huyết áp lúc này vì mức hiện tại còn dưới ngưỡng 185/110 mmHg, và hạ nhanh sẽ làm "
            "giảm tưới máu vùng "
            "não còn cứu được.",
            "Chỉ dùng thuốc nếu huyết áp vượt 185/110 mmHg hai lần cách nhau 10 phút: nicardipin truyền 5 "
            "mg/giờ, tăng dần.",
        ),
        Asked(
            "Chuyển đi đâu, có dùng aspirin trước không?",
            "Người bệnh còn trong cửa sổ tiêu sợi huyết và có dấu hiệu tắc mạch lớn. Cần chụp cắt lớp sọ "
            "não ở nơi gần nhất "
            "có thể tiêu sợi huyết. Không dùng aspirin khi chưa loại trừ chảy máu não.",
            "Chuyển ngay đến Bệnh viện Đa khoa khu vực Tây Bắc để chụp và tiêu sợi huyết nếu không chảy "
            "máu, sau đó chuyển "
            "tiếp về Khoa Đột quỵ để lấy huyết khối. Tôi gọi báo trước cho cả hai nơi.",
        ),
    ),
    outcome="accepted",
    decided_after=30,
)

EPIDURAL_HAEMATOMA = Case(
    key="chan-thuong-so-nao",
    days_ago=20,
    sent=time(22, 5),
    claimed_after=1,
    called_after=5,
    lasted=15,
    urgency="red",
    specialty="neurosurgery",
    spoke="quyhop",
    department="ngoai-tong-hop",
    doctor="bs.quyhop",
    hub="hndk",
    specialist="bs.ngoaithankinh",
    patient=CasePatient(
        name="Trương Văn Luyến",
        sex="male",
        years=28,
        ethnicity="Thổ",
        commune="17059",
        address="Xóm 3",
    ),
    chief_complaint="Tai nạn xe máy, lơ mơ tăng dần.",
    history_of_present_illness=(
        "Tự ngã xe máy lúc 19 giờ 45, không đội mũ bảo hiểm, bất tỉnh vài phút rồi tỉnh lại, đi lại được. "
        "Từ 21 giờ 15 đau đầu "
        "tăng, nôn vọt ba lần, sau đó lơ mơ."
    ),
    past_history="Khỏe mạnh. Có uống rượu trước khi bị tai nạn.",
    allergies="Không có.",
    examination=(
        "Glasgow 11 điểm (mắt 3, lời nói 3, vận động 5). Đồng tử phải 4 mm phản xạ ánh sáng chậm, trái 2 "
        "mm. Yếu nửa người trái "
        "4/5. Sưng nề vùng thái dương phải. Cổ không đau, không biến dạng chi. Bụng mềm, siêu âm không có "
        "dịch."
    ),
    investigations=(
        "Chụp cắt lớp sọ não 21 giờ 50: máu tụ ngoài màng cứng thái dương phải dày 22 mm, đường giữa lệch "
        "trái 7 mm, vỡ xương "
        "thái dương phải. Hemoglobin 128 g/L. Đông máu bình thường. Nồng độ cồn 62 mg/dL."
    ),
    provisional_diagnosis=(
        "Chấn thương sọ não kín, máu tụ ngoài màng cứng thái dương phải cấp tính, dọa tụt kẹt"
    ),
    icd10="S06.4",
    management_done="Nẹp cổ, đầu cao 30 độ, thở oxy qua mặt nạ 6 lít/phút, truyền natri clorid 0,9%.",
    clinical_course="Glasgow từ 14 xuống 11 điểm trong 40 phút.",
    current_medicines="Không.",
    local_resources=(
        "Có phòng mổ, bác sĩ gây mê; không có phẫu thuật viên sọ não. Về Vinh 110 km, khoảng 2 giờ."
    ),
    vitals=(
        Vitals(50, 88, 37.0, 130, 80, 20, 97, glasgow=14, weight=62),
        Vitals(3, 62, 37.0, 160, 85, 16, 96, glasgow=11),
    ),
    asked=(
        Asked(
            "Có chỉ định mổ cấp cứu không, có thể chuyển được không?",
            "Người bệnh có chỉ định mổ lấy máu tụ cấp cứu vì khối máu tụ dày, đè đẩy đường giữa và tri giác "
            "xấu đi nhanh. "
            "Có thể chuyển nếu đường thở được bảo vệ trước khi đi.",
            "Đặt nội khí quản trước khi chuyển, giữ CO2 cuối thì thở ra 35 mmHg. Kíp mổ của chúng tôi chờ "
            "sẵn, vào thẳng "
            "phòng mổ, không qua khoa khám bệnh.",
        ),
        Asked(
            "Chống phù não trên đường đi như thế nào?",
            "Đây là tình huống dọa tụt kẹt, cần liệu pháp thẩm thấu ngay trước khi lên xe.",
            "Manitol 20% 1 g/kg (310 ml) truyền trong 20 phút, đặt ống thông tiểu. Đầu cao 30 độ, cổ thẳng, "
            "an thần bằng "
            "propofol, giữ huyết áp tâm thu trên 110 mmHg.",
        ),
        Asked(
            "Nếu giãn đồng tử hai bên trên đường thì xử trí thế nào?",
            "Giãn đồng tử hai bên nghĩa là tụt kẹt đang xảy ra; mục tiêu là giữ được đến phòng mổ.",
            "Tăng thông khí ngắn để CO2 cuối thì thở ra còn 30 mmHg, nhắc lại manitol 0,5 g/kg và gọi ngay "
            "cho kíp trực để "
            "mở thêm bàn mổ.",
        ),
    ),
    outcome="accepted",
    decided_after=22,
)

COPD_EXACERBATION = Case(
    key="benh-phoi-tac-nghen",
    days_ago=31,
    sent=time(9, 10),
    claimed_after=6,
    called_after=25,
    lasted=21,
    urgency="urgent",
    specialty="respiratory",
    spoke="taynam",
    department="truyen-nhiem",
    doctor="bs.taynam",
    hub="hndk",
    specialist="bs.hohap",
    admitted_days_before=1,
    patient=CasePatient(
        name="Ngân Văn Dần",
        sex="male",
        years=71,
        only_year=True,
        ethnicity="Thái",
        commune="17248",
        address="Bản Xốp Nhị",
    ),
    chief_complaint="Khó thở tăng ba ngày nay.",
    history_of_present_illness=(
        "Ho khạc đờm nhiều năm. Ba ngày nay đờm vàng, khó thở liên tục, không nằm được, ngủ gà từ đêm qua. "
        "Vào viện hôm qua."
    ),
    past_history=(
        "Bệnh phổi tắc nghẽn mạn tính 10 năm, năm nay vào viện ba lần. Hút thuốc lào 50 năm, còn hút."
    ),
    allergies="Không có.",
    examination=(
        "Ngủ gà, gọi mở mắt. Môi tím. Co kéo cơ hô hấp phụ. Lồng ngực hình thùng, rì rào phế nang giảm, ran "
        "rít ran ngáy hai "
        "bên. Không phù chân."
    ),
    investigations=(
        "Khí máu (oxy 2 lít/phút): pH 7,28; PaCO2 68 mmHg; PaO2 58 mmHg; HCO3 31 mmol/L. Bạch cầu 13,8 G/L. "
        "CRP 64 mg/L. "
        "X quang: khí phế thũng, không có tràn khí, mờ nhẹ đáy phải."
    ),
    provisional_diagnosis="Đợt cấp bệnh phổi tắc nghẽn mạn tính mức độ nặng, suy hô hấp cấp trên nền mạn",
    icd10="J44.1",
    management_done=(
        "Oxy 2 lít/phút, khí dung salbutamol và ipratropium mỗi 4 giờ, methylprednisolon 40 mg tĩnh mạch, "
        "ceftriaxon 2 g."
    ),
    clinical_course="Sau một ngày khó thở chưa giảm, ngủ gà hơn.",
    current_medicines="Formoterol và budesonid dạng hít, dùng không đều.",
    local_resources=(
        "Có một máy thở không xâm nhập hai mức áp lực, chưa dùng thường xuyên. Có máy thở xâm nhập ở khoa "
        "hồi sức."
    ),
    vitals=(
        Vitals(60, 112, 37.9, 140, 80, 32, 84, glasgow=14, weight=44, height=162),
        Vitals(6, 108, 37.8, 138, 80, 30, 88, glasgow=13),
    ),
    asked=(
        Asked(
            "Có chỉ định thở máy không xâm nhập không, cài đặt ban đầu thế nào?",
            "Người bệnh có chỉ định thở máy không xâm nhập ngay vì toan hô hấp với pH dưới 7,35 và còn hợp "
            "tác được. "
            "Chưa cần đặt nội khí quản lúc này.",
            "Cài áp lực hít vào 12 cmH2O, thở ra 5 cmH2O, tăng dần áp lực hít vào đến 18 cmH2O theo mức "
            "dung nạp. Làm lại "
            "khí máu sau 1 giờ; nếu pH dưới 7,25 hoặc hôn mê thì đặt nội khí quản.",
        ),
        Asked(
            "Mục tiêu oxy và thuốc giãn phế quản, kháng sinh đã đủ chưa?",
            "Mục tiêu độ bão hòa oxy là 88 đến 92 phần trăm; cao hơn sẽ làm tăng CO2. Thuốc hiện tại phù "
            "hợp nhưng khoảng "
            "cách khí dung còn thưa.",
            "Khí dung salbutamol 2,5 mg và ipratropium 0,5 mg mỗi 2 giờ trong 6 giờ đầu, sau đó mỗi 4 giờ. "
            "Chuyển "
            "prednisolon 40 mg uống đủ 5 ngày. Tiếp tục ceftriaxon, thêm levofloxacin nếu không đỡ sau 48 "
            "giờ.",
        ),
    ),
    outcome="changed",
    decided_after=120,
    reason=(
        "Người bệnh không dung nạp áp lực hít vào trên 14 cmH2O nên giữ ở mức này; khí máu sau 1 giờ pH "
        "7,33 nên tiếp tục "
        "theo dõi tại khoa."
    ),
)

CASES = (MYOCARDIAL_INFARCTION, ISCHAEMIC_STROKE, EPIDURAL_HAEMATOMA, COPD_EXACERBATION)
