"""Cases of sepsis and infectious diseases."""

from datetime import time

from telehealth.demonstration.cases.model import Asked, Case, CasePatient, Vitals

SEPTIC_SHOCK = Case(
    key="soc-nhiem-khuan",
    days_ago=8,
    sent=time(11, 5),
    claimed_after=4,
    called_after=15,
    lasted=23,
    urgency="urgent",
    specialty="intensive-care",
    spoke="yenthanh",
    department="hoi-suc-cap-cuu",
    doctor="bs.yenthanh",
    hub="hndk",
    specialist="bs.hoisuc",
    patient=CasePatient(
        name="Phan Thị Hạnh",
        sex="female",
        years=68,
        ethnicity="Kinh",
        commune="17560",
        address="Xóm 7",
    ),
    chief_complaint="Sốt cao rét run, đau hông lưng phải, lơ mơ.",
    history_of_present_illness=(
        "Đau hông lưng phải năm ngày, đái buốt. Hai ngày nay sốt rét run 39,5 độ. Sáng nay lơ mơ, đái ít, "
        "vào viện lúc 9 giờ."
    ),
    past_history="Đái tháo đường típ 2 mười năm. Sỏi thận phải.",
    allergies="Dị ứng penicillin: mày đay.",
    examination=(
        "Lơ mơ, da nổi vân tím ở gối, chi lạnh, thời gian đổ đầy mao mạch 5 giây. Ấn hố thắt lưng phải đau "
        "chói. Phổi không ran. "
        "Nước tiểu đục 15 ml trong giờ đầu."
    ),
    investigations=(
        "Lactat 5,6 mmol/L. Bạch cầu 28,4 G/L, tiểu cầu 82 G/L, procalcitonin 68 ng/mL, creatinin 242 "
        "µmol/L, glucose 19 mmol/L. "
        "Siêu âm: thận phải ứ nước độ III, sỏi niệu quản 9 mm, dịch đục trong đài bể thận."
    ),
    provisional_diagnosis="Sốc nhiễm khuẩn từ viêm thận bể thận phải ứ mủ do sỏi niệu quản",
    icd10="A41.9",
    management_done=(
        "Ringer lactat 1.500 ml trong một giờ, cấy máu hai mẫu, levofloxacin 750 mg, noradrenalin 0,1 "
        "µg/kg/phút."
    ),
    clinical_course="Huyết áp 70/40 lên 88/50 mmHg, lactat chưa giảm.",
    current_medicines="Metformin 1.700 mg mỗi ngày.",
    local_resources=(
        "Có máy thở, máy lọc máu liên tục; có bác sĩ ngoại tiết niệu, chưa đặt ống dẫn lưu thận qua da."
    ),
    vitals=(
        Vitals(110, 132, 39.6, 70, 40, 30, 92, glasgow=13, weight=50, height=152),
        Vitals(5, 122, 38.9, 88, 50, 28, 96, glasgow=13),
    ),
    asked=(
        Asked(
            "Kháng sinh nào với tiền sử dị ứng penicillin?",
            "Ổ nhiễm khuẩn là mủ thận tắc nghẽn, cần kháng sinh phổ rộng. Mày đay với penicillin không phải "
            "chống chỉ định của "
            "carbapenem, tỷ lệ dị ứng chéo rất thấp.",
            "Meropenem 1 g tiêm tĩnh mạch ngay, sau đó mỗi 12 giờ theo chức năng thận, theo dõi sát 30 phút "
            "đầu. Thêm amikacin 15 "
            "mg/kg một liều duy nhất.",
        ),
        Asked(
            "Hồi sức huyết động tiếp theo thế nào?",
            "Người bệnh đã nhận 30 ml/kg dịch. Bước tiếp theo là thuốc vận mạch theo huyết áp trung bình, "
            "không truyền dịch thêm một "
            "cách máy móc.",
            "Tăng noradrenalin để huyết áp trung bình từ 65 mmHg. Nếu trên 0,25 µg/kg/phút thì thêm "
            "hydrocortison 50 mg mỗi 6 giờ. Đo "
            "lactat mỗi 2 giờ. Ngừng metformin, truyền insulin giữ glucose 8 đến 10 mmol/L.",
        ),
        Asked(
            "Giải quyết tắc nghẽn tại chỗ hay chuyển?",
            "Không kháng sinh nào cứu được người bệnh nếu mủ không được dẫn lưu; cần dẫn lưu trong sáu giờ, "
            "ở nơi gần nhất làm được.",
            "Đặt ống thông niệu quản ngược dòng tại bệnh viện nếu kíp tiết niệu làm được trong hai giờ. Nếu "
            "không thì chuyển với "
            "nội khí quản và vận mạch để dẫn lưu thận qua da tại đây.",
        ),
    ),
    outcome="changed",
    decided_after=70,
    reason=(
        "Kíp tiết niệu đặt được ống thông niệu quản tại bệnh viện lúc 12 giờ 40, ra mủ; không cần chuyển. "
        "Không dùng amikacin vì "
        "creatinin tăng."
    ),
)

DENGUE_WARNING_SIGNS = Case(
    key="sot-xuat-huyet",
    days_ago=27,
    sent=time(14, 40),
    claimed_after=9,
    called_after=22,
    lasted=16,
    urgency="urgent",
    specialty="infectious-diseases",
    spoke="nghiadan",
    department="truyen-nhiem",
    doctor="bs.nghiadan",
    hub="hndk",
    specialist="bs.truyennhiem",
    admitted_days_before=1,
    patient=CasePatient(
        name="Nguyễn Thị Thanh Thảo",
        sex="female",
        years=31,
        ethnicity="Kinh",
        commune="16972",
        address="Xóm 1",
    ),
    chief_complaint="Sốt ngày thứ năm, đau bụng vùng gan.",
    history_of_present_illness=(
        "Sốt 39–40 độ, đau người bốn ngày. Hôm nay hết sốt nhưng mệt lả, nôn bốn lần, đau tức hạ sườn phải, "
        "chảy máu chân răng. "
        "Trong xóm có nhiều người sốt xuất huyết."
    ),
    past_history="Khỏe mạnh. Không mang thai, đang hành kinh ngày thứ hai.",
    allergies="Không có.",
    examination=(
        "Tỉnh, vật vã nhẹ, chi mát. Chấm xuất huyết hai cẳng chân. Gan dưới bờ sườn 2 cm, ấn đau. Phổi phải "
        "giảm thông khí đáy."
    ),
    investigations=(
        "NS1 dương tính ngày thứ ba. Tiểu cầu 32 G/L. Hematocrit 44% hôm qua, hôm nay 51%. AST 286 U/L, ALT "
        "190 U/L. Siêu âm: dịch "
        "quanh túi mật, dịch màng phổi phải ít."
    ),
    provisional_diagnosis="Sốt xuất huyết Dengue có dấu hiệu cảnh báo, ngày thứ năm, dọa sốc",
    icd10="A97.1",
    management_done="Ringer lactat 500 ml trong hai giờ, paracetamol trước đó.",
    clinical_course="Hematocrit 50% sau 500 ml dịch.",
    current_medicines="Paracetamol; không dùng aspirin, ibuprofen.",
    local_resources=(
        "Có Ringer lactat, dextran 40; tiểu cầu phải xin từ Vinh. Hematocrit làm được mỗi hai giờ."
    ),
    vitals=(
        Vitals(120, 104, 37.4, 105, 75, 20, 98, glasgow=15, pain=5, weight=52),
        Vitals(6, 110, 36.8, 98, 76, 22, 98, glasgow=15, pain=5),
    ),
    asked=(
        Asked(
            "Bù dịch thế nào ở giai đoạn này?",
            "Người bệnh đang thoát huyết tương, huyết áp kẹt còn 22 mmHg nên sắp vào sốc. Cần bù dịch có "
            "kiểm soát theo hematocrit.",
            "Ringer lactat 7 ml/kg/giờ trong 2 giờ, thử hematocrit rồi giảm 5, 3 và 1,5 ml/kg/giờ khi cải "
            "thiện. Nếu huyết áp kẹt từ "
            "20 mmHg trở xuống thì chuyển sang 15 ml/kg/giờ và gọi lại.",
        ),
        Asked(
            "Có cần truyền tiểu cầu khi còn 32 G/L không?",
            "Không truyền tiểu cầu vì không có xuất huyết nặng; truyền dự phòng không giảm chảy máu mà làm "
            "tăng nguy cơ quá tải.",
            "Chỉ truyền khi xuất huyết nặng hoặc dưới 5 G/L. Theo dõi lượng máu kinh. Tránh tiêm bắp và đặt "
            "ống thông mũi.",
        ),
    ),
    outcome="accepted",
    decided_after=45,
)

TETANUS = Case(
    key="uon-van",
    days_ago=38,
    sent=time(8, 20),
    claimed_after=11,
    called_after=60,
    lasted=17,
    urgency="priority",
    specialty="infectious-diseases",
    spoke="quephong",
    department="hoi-suc-cap-cuu",
    doctor="bs.quephong",
    nurse="dd.quephong",
    hub="hndk",
    specialist="bs.truyennhiem",
    admitted_days_before=1,
    patient=CasePatient(
        name="Lương Văn Quyết",
        sex="male",
        years=47,
        ethnicity="Thái",
        commune="16744",
        address="Bản Cằng",
    ),
    chief_complaint="Cứng hàm, khó nuốt ba ngày.",
    history_of_present_illness=(
        "Mười ngày trước giẫm phải cọc tre, tự đắp lá. Ba ngày nay cứng hàm tăng dần, không há được miệng, "
        "nuốt sặc, cứng gáy lưng. "
        "Từ sáng có hai cơn co cứng khi có tiếng động."
    ),
    past_history="Không nhớ từng tiêm phòng uốn ván.",
    allergies="Không rõ.",
    examination=(
        "Tỉnh. Khít hàm, há 1 cm, nét mặt nhăn. Co cứng cơ cổ, lưng, bụng. Vết thương gan bàn chân phải 2 "
        "cm, còn mủ, có dị vật."
    ),
    investigations="Bạch cầu 12,2 G/L. CK 1.180 U/L. Creatinin 84 µmol/L. Kali 4,1 mmol/L.",
    provisional_diagnosis="Uốn ván toàn thể mức độ vừa, đường vào gan bàn chân phải",
    icd10="A35",
    management_done=(
        "Buồng tối yên tĩnh, diazepam 10 mg tĩnh mạch, SAT 1.500 đơn vị tiêm bắp sau thử phản ứng."
    ),
    clinical_course="Giảm co cứng sau diazepam khoảng hai giờ.",
    current_medicines="Diazepam.",
    local_resources=(
        "Có máy thở, metronidazol, diazepam, midazolam. Không có globulin miễn dịch uốn ván người."
    ),
    vitals=(
        Vitals(40, 96, 37.8, 140, 85, 22, 97, glasgow=15, weight=55),
        Vitals(5, 92, 37.7, 135, 80, 20, 97, glasgow=15),
    ),
    asked=(
        Asked(
            "Liều huyết thanh và kháng sinh?",
            "Liều đã tiêm là liều dự phòng, chưa đủ điều trị. Cần trung hòa độc tố tự do càng sớm càng tốt, "
            "dùng kháng sinh diệt vi "
            "khuẩn tại vết thương.",
            "Tiêm bổ sung SAT đủ 20.000 đơn vị theo phương pháp giải mẫn cảm. Metronidazol 500 mg truyền "
            "tĩnh mạch mỗi 8 giờ trong 10 "
            "ngày. Cắt lọc vết thương, lấy dị vật sau khi tiêm huyết thanh một giờ.",
        ),
        Asked(
            "Khống chế cơn giật và đường thở thế nào, có chuyển không?",
            "Bệnh khởi phát nhanh và đã có cơn giật nên có thể nặng lên trong một tuần tới. Nên chuyển khi "
            "còn an toàn.",
            "Diazepam truyền 4 mg/kg/ngày chia đều, midazolam khi có cơn. Nếu sặc nhiều hoặc co thắt thanh "
            "quản thì đặt nội khí quản "
            "hoặc mở khí quản sớm trước khi chuyển. Chuyển trong ngày, bác sĩ đi cùng.",
        ),
    ),
    outcome="declined",
    decided_after=150,
    reason=(
        "Gia đình xin ở lại trung tâm vì không có người đi cùng; đã giải thích nguy cơ, có người phiên dịch "
        "và ký cam kết. Vẫn thực "
        "hiện huyết thanh, kháng sinh và an thần theo kết luận, chuẩn bị sẵn bộ mở khí quản."
    ),
)

TUBERCULOSIS = Case(
    key="lao-phoi",
    days_ago=52,
    sent=time(8, 0),
    claimed_after=40,
    called_after=360,
    lasted=18,
    urgency="routine",
    specialty="tuberculosis-lung",
    spoke="quychau",
    department="noi-tong-hop",
    doctor="bs.quychau",
    hub="phoi",
    specialist="bs.phoi",
    admitted_days_before=3,
    patient=CasePatient(
        name="Lang Văn Thoong",
        sex="male",
        years=45,
        ethnicity="Thái",
        commune="16792",
        address="Bản Noong Dẻ",
    ),
    chief_complaint="Ho khạc đờm hai tháng, sút cân.",
    history_of_present_illness=(
        "Ho khạc đờm trắng hai tháng, có lần lẫn máu, sốt nhẹ về chiều, ra mồ hôi trộm, sút 6 kg. Vợ từng "
        "điều trị lao năm ngoái."
    ),
    past_history="Viêm gan B mạn chưa điều trị. Uống rượu khoảng 300 ml mỗi ngày.",
    allergies="Không có.",
    examination="Gầy, da xạm. Ran nổ đỉnh phổi phải. Gan không to, không vàng da. Hạch cổ không sờ thấy.",
    investigations=(
        "Đờm AFB 1+. Xpert MTB: dương tính, không kháng rifampicin. X quang: thâm nhiễm và hang 2 cm thùy "
        "trên phải. ALT 168 U/L, AST "
        "210 U/L, bilirubin 18 µmol/L, albumin 34 g/L. HBsAg dương tính. HIV âm tính."
    ),
    provisional_diagnosis="Lao phổi AFB dương tính, nhạy rifampicin, trên nền viêm gan B mạn có tăng men gan",
    icd10="A15.0",
    management_done="Cách ly, ngừng rượu, vitamin B6 25 mg.",
    clinical_course="Ổn định, còn ho đờm.",
    current_medicines="Chưa dùng thuốc lao.",
    local_resources=(
        "Có thuốc lao của chương trình; xét nghiệm men gan mỗi tuần; chưa đo tải lượng virus viêm gan B."
    ),
    vitals=(Vitals(90, 88, 37.6, 110, 70, 20, 97, glasgow=15, weight=47, height=163),),
    asked=(
        Asked(
            "Men gan tăng gấp bốn lần thì bắt đầu phác đồ nào?",
            "Men gan trên ba lần giới hạn trước điều trị nên không dùng pyrazinamid. Bệnh có hang, đờm "
            "dương tính nên không trì hoãn "
            "điều trị lao.",
            "Dùng isoniazid, rifampicin và ethambutol trong 9 tháng, liều theo cân nặng 47 kg. Xét nghiệm "
            "men gan mỗi tuần trong tháng "
            "đầu. Ngừng thuốc nếu ALT trên 5 lần giới hạn hoặc vàng da. Khám thị lực trước khi dùng "
            "ethambutol.",
        ),
        Asked(
            "Viêm gan B xử trí thế nào khi đang điều trị lao?",
            "Người bệnh có viêm gan hoạt động và sẽ dùng thuốc độc gan kéo dài nên có chỉ định điều trị "
            "virus.",
            "Gửi mẫu đo tải lượng virus, bắt đầu tenofovir 300 mg mỗi ngày nếu kết quả dương tính. Kiêng "
            "rượu hoàn toàn. Khám sàng lọc lao "
            "cho vợ và hai con.",
        ),
    ),
    outcome="accepted",
    decided_after=400,
)

CASES = (SEPTIC_SHOCK, DENGUE_WARNING_SIGNS, TETANUS, TUBERCULOSIS)
