"""Cases of gastroenterology, trauma and burns."""

from datetime import time

from telehealth.demonstration.cases.model import Asked, Case, CasePatient, Vitals

VARICEAL_BLEEDING = Case(
    key="xuat-huyet-tieu-hoa",
    days_ago=5,
    sent=time(23, 30),
    claimed_after=4,
    called_after=9,
    lasted=18,
    urgency="urgent",
    specialty="gastroenterology",
    spoke="nghiadan",
    department="hoi-suc-cap-cuu",
    doctor="bs.nghiadan",
    hub="hndk",
    specialist="bs.tieuhoa",
    patient=CasePatient(
        name="Cao Xuân Hải",
        sex="male",
        years=54,
        ethnicity="Kinh",
        commune="17032",
        address="Xóm 3",
    ),
    chief_complaint="Nôn ra máu đỏ lượng nhiều.",
    history_of_present_illness=(
        "Lúc 21 giờ nôn ra máu đỏ tươi lẫn máu cục khoảng 500 ml, hai lần; đi ngoài phân đen từ chiều. Hoa "
        "mắt, vã mồ hôi."
    ),
    past_history=(
        "Xơ gan do rượu phát hiện năm ngoái, đã từng thắt tĩnh mạch thực quản một lần. Bỏ tái khám sáu tháng."
    ),
    allergies="Không có.",
    examination=(
        "Tỉnh, da niêm mạc nhợt, củng mạc vàng nhẹ, sao mạch ở ngực. Bụng cổ chướng vừa, tuần hoàn bàng hệ. "
        "Không run vẫy. Thăm trực "
        "tràng có phân đen."
    ),
    investigations=(
        "Hemoglobin 68 g/L, tiểu cầu 61 G/L, INR 1,7. Bilirubin 46 µmol/L, albumin 27 g/L, creatinin 96 "
        "µmol/L. Nhóm máu B."
    ),
    provisional_diagnosis="Xuất huyết tiêu hóa nặng do vỡ giãn tĩnh mạch thực quản, xơ gan Child-Pugh B",
    icd10="I85.0",
    management_done=(
        "Hai đường truyền, natri clorid 0,9% 1.000 ml, pantoprazol 80 mg, lĩnh hai đơn vị hồng cầu khối B."
    ),
    clinical_course="Nôn máu thêm 200 ml lúc 23 giờ.",
    current_medicines="Propranolol đã tự bỏ.",
    local_resources=(
        "Có octreotid 10 ống, máu B hai đơn vị, nội soi ban ngày, chưa thắt được tĩnh mạch. Bệnh viện khu "
        "vực Tây Bắc cách 20 km."
    ),
    vitals=(
        Vitals(40, 124, 36.6, 85, 50, 24, 96, glasgow=15, weight=53),
        Vitals(5, 116, 36.5, 94, 56, 22, 97, glasgow=15),
    ),
    asked=(
        Asked(
            "Thuốc và mức truyền máu thế nào trước khi nội soi?",
            "Cần thuốc co mạch tạng và kháng sinh dự phòng ngay, không chờ nội soi. Truyền máu vừa phải vì "
            "truyền quá mức làm tăng áp lực "
            "cửa và chảy máu lại.",
            "Octreotid 50 µg tiêm tĩnh mạch rồi truyền 50 µg/giờ. Ceftriaxon 1 g mỗi ngày. Truyền hồng cầu "
            "giữ hemoglobin từ 70 đến 80 "
            "g/L, huyết áp tâm thu khoảng 90 đến 100 mmHg. Lactulose 20 g mỗi 8 giờ phòng bệnh não gan.",
        ),
        Asked(
            "Nội soi ở đâu, khi nào, nếu chảy máu ồ ạt thì làm gì?",
            "Cần nội soi thắt tĩnh mạch trong 12 giờ tại nơi thắt được, sau khi huyết động tạm ổn.",
            "Chuyển về khoa tôi trong đêm khi đã truyền xong đơn vị máu đầu và bắt đầu octreotid. Nếu nôn "
            "máu ồ ạt hoặc lơ mơ thì đặt nội "
            "khí quản và đặt bóng chèn Sengstaken trước khi đi.",
        ),
    ),
    outcome="accepted",
    decided_after=32,
)

FEMUR_FRACTURE = Case(
    key="gay-xuong-dui",
    days_ago=13,
    sent=time(16, 10),
    claimed_after=15,
    called_after=50,
    lasted=14,
    urgency="priority",
    specialty="orthopaedics",
    spoke="tanky",
    department="ngoai-tong-hop",
    doctor="bs.tanky",
    hub="ctch",
    specialist="bs.ctch",
    patient=CasePatient(
        name="Nguyễn Đình Tài",
        sex="male",
        years=24,
        ethnicity="Kinh",
        commune="17284",
        address="Xóm 1",
    ),
    chief_complaint="Đau, biến dạng đùi trái sau ngã cây.",
    history_of_present_illness=(
        "Ngã từ cây keo cao 4 m lúc 13 giờ, đau chói đùi trái, không đi lại được. Không bất tỉnh, không nôn."
    ),
    past_history="Khỏe mạnh.",
    allergies="Không có.",
    examination=(
        "Tỉnh. Đùi trái sưng, gập góc, ngắn 3 cm, da còn nguyên. Mạch mu chân và ống gót bắt rõ, vận động "
        "cảm giác bàn chân bình thường. "
        "Khung chậu vững, bụng mềm, ngực không đau."
    ),
    investigations=(
        "X quang: gãy kín một phần ba giữa thân xương đùi trái, có mảnh rời, di lệch chồng 3 cm; cổ xương "
        "đùi nguyên vẹn. Hemoglobin 112 "
        "g/L. Siêu âm bụng không có dịch."
    ),
    provisional_diagnosis="Gãy kín một phần ba giữa thân xương đùi trái, có mảnh rời",
    icd10="S72.3",
    management_done=(
        "Nẹp bất động, paracetamol 1 g truyền, morphin 5 mg tiêm dưới da, truyền Ringer lactat 500 ml."
    ),
    clinical_course="Huyết động ổn, đau giảm còn 4/10.",
    current_medicines="Không.",
    local_resources=(
        "Có phòng mổ, có nẹp vít; không có đinh nội tủy có chốt và màn tăng sáng. Máu dự trữ hai đơn vị."
    ),
    vitals=(
        Vitals(45, 98, 36.9, 120, 75, 20, 98, glasgow=15, pain=8, weight=58),
        Vitals(6, 88, 36.9, 125, 75, 18, 98, glasgow=15, pain=4),
    ),
    asked=(
        Asked(
            "Mổ nẹp vít tại chỗ hay chuyển đóng đinh nội tủy?",
            "Gãy thân xương đùi ở người trẻ có mảnh rời nên đóng đinh nội tủy có chốt, kín ổ gãy; kết quả "
            "liền xương tốt hơn nẹp vít mở.",
            "Chuyển về bệnh viện chúng tôi trong 24 giờ, dự kiến mổ sáng mai. Không kéo liên tục qua lồi củ "
            "chày nếu chuyển trong ngày.",
        ),
        Asked(
            "Cần theo dõi và chuẩn bị gì trước khi chuyển?",
            "Nguy cơ trong ngày đầu là mất máu kín, tắc mạch mỡ và chèn ép khoang.",
            "Nẹp Thomas kéo da, kiểm tra mạch và cảm giác mỗi giờ. Theo dõi SpO2, tri giác, chấm xuất "
            "huyết. Thử lại hemoglobin trước khi "
            "đi. Enoxaparin 40 mg tiêm dưới da sau 12 giờ nếu chưa mổ.",
        ),
    ),
    outcome="accepted",
    decided_after=75,
)

FLAME_BURN = Case(
    key="bong-lua",
    days_ago=41,
    sent=time(19, 0),
    claimed_after=3,
    called_after=8,
    lasted=22,
    urgency="urgent",
    specialty="burns",
    spoke="taybac",
    department="ngoai-tong-hop",
    doctor="bs.taybac",
    hub="hndk",
    specialist="bs.bong",
    patient=CasePatient(
        name="Hồ Hữu Sơn",
        sex="male",
        years=41,
        ethnicity="Kinh",
        commune="17011",
        address="Khối Tân Tiến",
    ),
    chief_complaint="Bỏng lửa xăng mặt, ngực, hai tay.",
    history_of_present_illness=(
        "Bỏng do xăng bùng cháy trong nhà kho kín lúc 17 giờ, ở trong khói khoảng hai phút. Được dội nước "
        "mát 15 phút, vào viện 17 giờ 40. "
        "Khàn tiếng tăng dần."
    ),
    past_history="Khỏe mạnh. Chưa tiêm phòng uốn ván.",
    allergies="Không có.",
    examination=(
        "Tỉnh, khàn tiếng, cháy lông mũi, họng có muội than. Bỏng 28% diện tích: độ II nông và sâu ở mặt, "
        "ngực trước, hai cánh tay; độ III "
        "quanh chu vi cẳng tay trái 4%. Đầu ngón tay trái lạnh, tê."
    ),
    investigations=(
        "Hemoglobin 168 g/L, hematocrit 50%, creatinin 90 µmol/L, HCO3 20 mmol/L. X quang phổi chưa thấy "
        "tổn thương."
    ),
    provisional_diagnosis=(
        "Bỏng lửa 28% diện tích cơ thể, độ II–III, bỏng đường hô hấp, chèn ép khoang cẳng tay trái"
    ),
    icd10="T31.2",
    management_done=(
        "Oxy 10 lít/phút, Ringer lactat 1.000 ml, morphin 5 mg, phủ gạc vô khuẩn, SAT 1.500 đơn vị."
    ),
    clinical_course="Khàn tiếng tăng, chưa thở rít.",
    current_medicines="Không.",
    local_resources="Có bác sĩ gây mê, máy thở, phòng mổ. Về Vinh 90 km.",
    vitals=(
        Vitals(70, 118, 36.4, 130, 80, 26, 95, glasgow=15, pain=9, weight=65),
        Vitals(5, 112, 36.6, 125, 80, 26, 98, glasgow=15, pain=6),
    ),
    asked=(
        Asked(
            "Có đặt nội khí quản dự phòng trước khi chuyển không?",
            "Có. Người bệnh bỏng trong buồng kín, khàn tiếng tăng và có muội than ở họng; phù nề sẽ tăng "
            "trong 24 giờ và đặt muộn sẽ rất khó.",
            "Đặt ống số 8 bởi người có kinh nghiệm nhất, chuẩn bị sẵn bộ mở khí quản, cố định bằng dây "
            "không dùng băng dính trên da bỏng. "
            "Thở oxy 100% cho đến khi loại trừ ngộ độc khí CO.",
        ),
        Asked(
            "Tính dịch truyền thế nào?",
            "Theo công thức Parkland, nhu cầu 24 giờ là 7.280 ml Ringer lactat, một nửa trong tám giờ đầu "
            "kể từ 17 giờ.",
            "Đến 1 giờ sáng truyền đủ 3.640 ml, gồm cả 1.000 ml đã truyền. Chỉnh theo nước tiểu từ 0,5 đến "
            "1 ml/kg/giờ, đặt ống thông tiểu.",
        ),
        Asked(
            "Cẳng tay trái lạnh có phải rạch giải phóng không?",
            "Bỏng sâu quanh chu vi và dấu hiệu thiếu máu ngón tay là chỉ định rạch hoại tử giải phóng chèn "
            "ép ngay, không chờ chuyển.",
            "Rạch dọc hai bên cẳng tay qua hết lớp hoại tử đến mô mỡ, tránh thần kinh trụ ở khuỷu, cầm máu, "
            "băng hở. Kê cao tay.",
        ),
    ),
    outcome="accepted",
    decided_after=35,
)

CASES = (VARICEAL_BLEEDING, FEMUR_FRACTURE, FLAME_BURN)
