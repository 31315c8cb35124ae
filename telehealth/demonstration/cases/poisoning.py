"""Cases of toxicology."""

from datetime import time

from telehealth.demonstration.cases.model import Asked, Case, CasePatient, Vitals

ORGANOPHOSPHATE_POISONING = Case(
    key="ngo-doc-phospho-huu-co",
    days_ago=17,
    sent=time(18, 25),
    claimed_after=2,
    called_after=5,
    lasted=20,
    urgency="red",
    specialty="toxicology",
    spoke="kyson",
    department="hoi-suc-cap-cuu",
    doctor="bs.kyson",
    nurse="dd.kyson",
    hub="hndk",
    specialist="bs.hoisuc",
    patient=CasePatient(
        name="Xồng Nhia Tủa",
        sex="male",
        years=35,
        ethnicity="Mông",
        language="Tiếng Mông",
        needs_interpreter=True,
        commune="16870",
        address="Bản Phà",
    ),
    chief_complaint="Nôn, vã mồ hôi, khó thở sau uống thuốc trừ sâu.",
    history_of_present_illness=(
        "Khoảng 15 giờ 30 uống chừng 50 ml thuốc trừ sâu sau cãi nhau với vợ. Nửa giờ sau nôn, đau bụng, đi "
        "lỏng, vã mồ hôi, "
        "tăng tiết đờm dãi. Vỏ chai gia đình mang theo ghi chlorpyrifos 400 g/L."
    ),
    past_history="Khỏe mạnh. Chưa từng có ý định tự sát trước đây.",
    allergies="Không rõ.",
    examination=(
        "Lơ mơ, vã mồ hôi, tăng tiết nước bọt. Đồng tử hai bên 1 mm. Rung giật cơ vùng ngực. Phổi nhiều ran "
        "ẩm hai bên. "
        "Mùi hắc ở hơi thở."
    ),
    investigations=(
        "Khí máu không làm được. Glucose 11 mmol/L, kali 3,2 mmol/L. Điện tim nhịp xoang 56 lần/phút, QTc "
        "470 ms."
    ),
    provisional_diagnosis="Ngộ độc cấp phospho hữu cơ (chlorpyrifos) mức độ nặng, giờ thứ ba",
    icd10="T60.0",
    management_done=(
        "Cởi bỏ quần áo, tắm gội, oxy qua mặt nạ 10 lít/phút, atropin 2 mg tĩnh mạch hai lần, hút đờm dãi."
    ),
    clinical_course="Sau hai liều atropin mạch 70 lần/phút, phổi còn nhiều ran.",
    current_medicines="Không.",
    local_resources="Atropin 0,25 mg còn 300 ống, pralidoxim 0,5 g còn 8 lọ. Có máy thở. Than hoạt 100 g.",
    vitals=(
        Vitals(35, 56, 36.5, 100, 60, 30, 82, glasgow=12, weight=54),
        Vitals(5, 70, 36.6, 110, 65, 28, 90, glasgow=12),
    ),
    asked=(
        Asked(
            "Liều atropin cần bao nhiêu, dừng tăng liều khi nào?",
            "Người bệnh chưa ngấm atropin. Đích của điều trị là phổi hết ran, da khô ấm và mạch trên 80 "
            "lần/phút; đồng tử giãn "
            "không phải là đích.",
            "Tiêm 4 mg tĩnh mạch, gấp đôi liều mỗi 5 phút đến khi đạt đích, rồi truyền mỗi giờ từ 10 đến 20 "
            "phần trăm tổng liều đã "
            "dùng. Dừng khi có sốt, kích thích, bụng chướng là quá liều.",
        ),
        Asked(
            "Pralidoxim dùng thế nào với số lượng hiện có?",
            "Có chỉ định pralidoxim vì đến sớm và có rung giật cơ; số thuốc hiện có đủ cho liều nạp và "
            "khoảng bốn giờ duy trì.",
            "Liều nạp 1,5 g (30 mg/kg) truyền trong 30 phút, duy trì 0,5 g/giờ. Chúng tôi gửi thêm 20 lọ "
            "theo xe đón.",
        ),
        Asked(
            "Có đặt nội khí quản và rửa dạ dày không?",
            "Người bệnh lơ mơ, tăng tiết nhiều nên phải đặt nội khí quản để bảo vệ đường thở. Đã quá hai "
            "giờ và nôn nhiều nên rửa dạ "
            "dày không còn lợi ích.",
            "Đặt nội khí quản không dùng succinylcholin. Sau khi đặt, bơm than hoạt 50 g một lần. Chuyển về "
            "Khoa Chống độc khi đã "
            "ngấm atropin. Mời khám tâm thần sau khi tỉnh.",
        ),
    ),
    outcome="accepted",
    decided_after=34,
)

KRAIT_BITE = Case(
    key="ran-can",
    days_ago=44,
    sent=time(4, 50),
    claimed_after=3,
    called_after=6,
    lasted=13,
    urgency="red",
    specialty="toxicology",
    spoke="tyt-trile",
    department="",
    doctor="bs.trile",
    hub="hndk",
    specialist="bs.hoisuc",
    line_lost_at=5,
    patient=CasePatient(
        name="Thò Nhia Cu",
        sex="male",
        years=16,
        ethnicity="Mông",
        language="Tiếng Mông",
        needs_interpreter=True,
        commune="16756",
        address="Bản Huồi Mới",
        representative="Thò Bá Xử (bố)",
    ),
    chief_complaint="Rắn cắn khi ngủ, sụp mi.",
    history_of_present_illness=(
        "Khoảng 2 giờ sáng đang ngủ ở lán nương thì bị rắn khoang đen trắng cắn vào mu bàn tay trái. Không "
        "đau, không sưng. 3 giờ 30 "
        "nhìn đôi, nói ngọng, đau bụng. Gia đình đã garô cánh tay và đắp lá."
    ),
    past_history="Khỏe mạnh.",
    allergies="Không rõ.",
    examination=(
        "Tỉnh. Hai vết răng ở mu tay trái, không sưng nề. Sụp mi hai bên, nuốt khó, đếm một hơi đến 12. Cơ "
        "lực tứ chi 4/5. "
        "Có garô chặt ở cánh tay."
    ),
    investigations="Trạm không làm được xét nghiệm. Test đông máu 20 phút: máu đông.",
    provisional_diagnosis="Rắn cắn, theo dõi rắn cạp nia, có liệt cơ giờ thứ ba",
    icd10="T63.0",
    management_done="Rửa vết cắn, nằm yên, oxy 5 lít/phút.",
    clinical_course="Sụp mi tăng trong 30 phút.",
    current_medicines="Không.",
    local_resources=(
        "Có bóng bóp, mặt nạ, oxy một bình, không có nội khí quản, không có huyết thanh. Ra trung tâm y tế "
        "1 giờ 15 phút."
    ),
    vitals=(
        Vitals(20, 102, 36.8, 125, 80, 22, 97, glasgow=15),
        Vitals(3, 108, 36.8, 130, 80, 26, 95, glasgow=15),
    ),
    asked=(
        Asked(
            "Có tháo garô không, băng ép thế nào?",
            "Garô chặt gây thiếu máu chi và không ngăn được nọc. Với rắn cạp nia nên thay bằng băng ép bất "
            "động.",
            "Băng thun từ ngón tay đến nách, chặt vừa như băng bong gân, nẹp cố định tay. Băng xong mới nới "
            "garô từ từ. Không rạch, "
            "không hút, không đắp lá.",
        ),
        Asked(
            "Liệt cơ tiến triển nhanh, trên đường chuyển phải làm gì?",
            "Nguy cơ tử vong là do liệt cơ hô hấp. Người bệnh có thể ngừng thở trên đường, nhưng tim và não "
            "vẫn tốt nếu được bóp bóng "
            "đúng.",
            "Chuyển ngay, nằm nghiêng, hút đờm dãi. Khi đếm một hơi dưới 10 hoặc SpO2 dưới 92% thì bóp bóng "
            "qua mặt nạ 12 lần/phút "
            "liên tục. Trung tâm Y tế Quế Phong đã được báo để đón ở giữa đường và đặt nội khí quản.",
        ),
    ),
    outcome="accepted",
    decided_after=20,
)

CASES = (ORGANOPHOSPHATE_POISONING, KRAIT_BITE)
