"""Invents patients: the same seed gives the same people.

Names, communes, languages and illnesses go together as they do in the province (Mông and Khơ Mú in the high communes, Thái
along the rivers, Kinh on the coast), so that search, sorting and interpreters can be tried on something plausible. Numbers
have the right structure and are recognisable as invented; see `data/README.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

Sex = Literal["male", "female"]
Precision = Literal["day", "month", "year"]

CITIZEN_SERIAL = 999_000
INSURANCE_PREFIX = "4099"


@dataclass(frozen=True)
class People:
    """What goes with belonging to a people: names and, where it is not Vietnamese, the language at home."""

    ethnicity: str
    family: tuple[str, ...]
    male: tuple[str, ...]
    female: tuple[str, ...]
    language: str
    male_middle: tuple[str, ...] = ("Văn",)
    female_middle: tuple[str, ...] = ("Thị",)


KINH = People(
    "Kinh",
    (
        "Nguyễn",
        "Trần",
        "Lê",
        "Phạm",
        "Hoàng",
        "Phan",
        "Võ",
        "Đặng",
        "Hồ",
        "Đậu",
        "Cao",
        "Thái",
        "Bùi",
        "Ngô",
        "Đinh",
    ),
    (
        "Hùng",
        "Dũng",
        "Thắng",
        "Bình",
        "Sơn",
        "Hải",
        "Quang",
        "Đức",
        "Tài",
        "Lâm",
        "Khoa",
        "Minh Nhật",
        "An",
        "Hòa",
    ),
    (
        "Hoa",
        "Lan",
        "Hương",
        "Thu",
        "Hạnh",
        "Nga",
        "Lan Anh",
        "Thảo",
        "Hiền",
        "Yến",
        "Mai",
        "Khánh Chi",
        "Hà",
        "Tâm",
    ),
    "Tiếng Việt",
    ("Văn", "Đình", "Sỹ", "Hữu", "Quang", "Xuân", "Đăng"),
    ("Thị", "Thị", "Thị Thanh", "Thị Ngọc", "Thị Kim"),
)
THAI = People(
    "Thái",
    ("Lô", "Lương", "Vi", "Hà", "Lữ", "Quang", "Kha", "Lang", "Ngân", "Lộc"),
    ("Thành", "Thoong", "Hùng", "Xuyên", "Quyết", "May", "Tình", "Dần", "Khăm", "Thơ"),
    ("Mận", "Hương", "Nhung", "Xuân", "Hoài", "Thiết", "Nguyệt", "Liên", "Thơm", "Pành"),
    "Tiếng Thái",
)
MONG = People(
    "Mông",
    ("Vừ", "Và", "Xồng", "Lầu", "Thò", "Hờ", "Già", "Và", "Lỳ", "Cự"),
    ("Chò", "Dềnh", "Pó", "Xử", "Tủa", "Nhìa", "Lỳ", "Giống", "Cu", "Rê"),
    ("Mai", "Xua", "Dở", "Mỷ", "Ca", "Pà", "Dế", "Bla", "Sua", "Chía"),
    "Tiếng Mông",
    ("Bá", "Nhia", "Chông", "Bá"),
    ("Y",),
)
KHO_MU = People(
    "Khơ Mú",
    ("Moong", "Cụt", "Xeo", "Lữ", "Lương", "Hoa", "Seo"),
    ("Thảo", "Ngọc", "Hiền", "Xuân", "Toàn", "Nghệ", "Phò", "May"),
    ("Thìn", "Lan", "Ót", "Bích", "Ven", "Nga", "Đào", "Hoa"),
    "Tiếng Khơ Mú",
)
THO = People(
    "Thổ",
    ("Trương", "Lê", "Nguyễn", "Cao", "Hoàng", "Bùi"),
    ("Tú", "Thành", "Luyến", "Tuấn", "Hợi", "Chương"),
    ("Hồng", "Hường", "Sâm", "Tuyết", "Thân", "Lý"),
    "Tiếng Thổ",
)

# Former district → (who lives there, with weights; the facility that keeps the record; how many in a thousand patients).
REGIONS: dict[str, tuple[tuple[tuple[People, int], ...], str, int]] = {
    "Kỳ Sơn": (((MONG, 4), (KHO_MU, 3), (THAI, 3)), "kyson", 180),
    "Tương Dương": (((THAI, 6), (KHO_MU, 2), (MONG, 1), (KINH, 1)), "tuongduong", 130),
    "Quế Phong": (((THAI, 8), (MONG, 1), (KINH, 1)), "quephong", 120),
    "Quỳ Châu": (((THAI, 8), (KINH, 2)), "quychau", 80),
    "Quỳ Hợp": (((THAI, 4), (THO, 3), (KINH, 3)), "quyhop", 80),
    "Nghĩa Đàn": (((KINH, 7), (THO, 2), (THAI, 1)), "nghiadan", 70),
    "Tân Kỳ": (((KINH, 7), (THO, 2), (THAI, 1)), "tanky", 70),
    "Anh Sơn": (((KINH, 8), (THAI, 2)), "anhson", 60),
    "Con Cuông": (((THAI, 7), (KINH, 3)), "taynam", 60),
    "TX Thái Hòa": (((KINH, 9), (THO, 1)), "taybac", 40),
    "Yên Thành": (((KINH, 1),), "yenthanh", 60),
    "TP Vinh + TX Cửa Lò": (((KINH, 1),), "vinh", 50),
}

VILLAGES = (
    "Bản Na",
    "Bản Phà",
    "Bản Huồi Mới",
    "Bản Xốp Nhị",
    "Bản Piêng",
    "Bản Cằng",
    "Bản Noong Dẻ",
    "Bản Lưu",
)
HAMLETS = ("Xóm 1", "Xóm 3", "Xóm 7", "Thôn Đông", "Thôn Yên Sơn", "Khối 4", "Khối Tân Tiến")

CHILD_PROBLEMS = (
    "Sinh đủ tháng, tiêm chủng đầy đủ theo tuổi.",
    "Sinh non 34 tuần, từng nằm viện vì viêm phổi lúc 4 tháng.",
    "Hen phế quản, dùng thuốc cắt cơn khi cần.",
    "Suy dinh dưỡng thể nhẹ cân, đang theo dõi tại trạm.",
)
ADULT_PROBLEMS = (
    "Viêm loét dạ dày tá tràng, đã điều trị Helicobacter pylori.",
    "Viêm gan B mạn, khám định kỳ sáu tháng một lần.",
    "Đã mổ ruột thừa viêm, không biến chứng.",
    "Hen phế quản từ nhỏ, dùng thuốc hít dự phòng.",
    "Sỏi thận phải, đã tán sỏi ngoài cơ thể.",
)
WOMAN_PROBLEMS = (
    "Đẻ thường hai lần, không biến chứng.",
    "Mổ lấy thai một lần do thai to.",
    "Thiếu máu thiếu sắt khi mang thai, đã bổ sung.",
)
ELDER_PROBLEMS = (
    "Tăng huyết áp, uống amlodipin 5 mg mỗi ngày.",
    "Đái tháo đường típ 2, uống metformin 1000 mg mỗi ngày.",
    "Bệnh phổi tắc nghẽn mạn tính, hút thuốc lào nhiều năm.",
    "Bệnh thận mạn giai đoạn 3, theo dõi creatinin ba tháng một lần.",
    "Suy tim, phân suất tống máu giảm, dùng furosemid và lisinopril.",
    "Thoái hóa khớp gối hai bên, dùng thuốc giảm đau khi cần.",
    "Di chứng đột quỵ não năm trước, yếu nhẹ nửa người phải.",
)
ALLERGIES = (
    "Dị ứng penicillin: nổi mày đay toàn thân.",
    "Dị ứng hải sản: phù môi, ngứa.",
    "Dị ứng thuốc cản quang: khó thở, đã xử trí.",
    "Dị ứng nhóm kháng viêm không steroid: nổi ban, phù mí mắt.",
)


@dataclass(frozen=True)
class InventedPatient:
    """One patient who does not exist. `birth_date` is None when only the year is known."""

    full_name: str
    sex: Sex
    birth_date: date | None
    birth_year: int
    birth_precision: Precision
    ethnicity: str
    language: str
    needs_interpreter: bool
    commune: str
    address: str
    phone: str
    representative: str
    allergies: str
    problems: str
    citizen_number: str
    old_identity_number: str
    insurance_number: str
    home_facility: str


def invent_patients(
    random: Random, *, count: int, today: date, communes: Sequence[tuple[str, str]]
) -> list[InventedPatient]:
    """Invent `count` patients, from the newborn to ninety years.

    Args:
        random: the only source of chance.
        communes: (code, former district) of the communes they may live in.
    """
    by_region = {region: [code for code, of in communes if of == region] for region in REGIONS}
    regions = random.choices(list(REGIONS), [weight for _, _, weight in REGIONS.values()], k=count)
    return [_invent(random, i, region, by_region[region], today) for i, region in enumerate(regions)]


def citizen_number(sex: Sex, birth_year: int, serial: int) -> str:
    """A number of the right structure (province 040, century and sex, year) with a serial nobody was given."""
    century = 2 * (birth_year // 100 - 19) + (sex == "female")
    return f"040{century}{birth_year % 100:02d}{CITIZEN_SERIAL + serial:06d}"


def insurance_number(serial: int) -> str:
    return f"{INSURANCE_PREFIX}{serial:06d}"


def phone_number(serial: int) -> str:
    """E.164; the prefix 050 is not in use."""
    return f"+8450{serial:07d}"


def _invent(
    random: Random, serial: int, region: str, communes: Sequence[str], today: date
) -> InventedPatient:
    peoples, facility, _ = REGIONS[region]
    people = random.choices([p for p, _ in peoples], [w for _, w in peoples])[0]
    sex: Sex = random.choice(("male", "female"))
    born = _birth_date(random, today)
    age = (today - born).days // 365
    precision: Precision = "day"
    if age >= 60 and random.random() < (0.6 if people is not KINH else 0.2):
        precision = "year"
    commune = random.choice(communes)
    place = random.choice(HAMLETS if people is KINH else VILLAGES)
    speaks_little = (
        people is not KINH and (age >= 55 or (people is MONG and age >= 30)) and random.random() < 0.75
    )
    has_papers = age >= 14 and random.random() < 0.9
    return InventedPatient(
        full_name=_name(random, people, sex),
        sex=sex,
        birth_date=born if precision == "day" else None,
        birth_year=born.year,
        birth_precision=precision,
        ethnicity=people.ethnicity,
        language=people.language if speaks_little or random.random() < 0.4 else "Tiếng Việt",
        needs_interpreter=speaks_little,
        commune=commune,
        address=place,
        phone=phone_number(serial // 2) if random.random() < 0.8 else "",  # a telephone serves a family
        representative=_representative(random, people) if age < 16 else "",
        allergies=random.choice(ALLERGIES) if random.random() < 0.12 else "",
        problems=_problems(random, age, sex),
        citizen_number=citizen_number(sex, born.year, serial) if has_papers else "",
        old_identity_number=f"18{9_990_000 + serial}"
        if has_papers and age > 40 and random.random() < 0.4
        else "",
        insurance_number=insurance_number(serial) if random.random() < 0.93 else "",
        home_facility=facility,
    )


def _birth_date(random: Random, today: date) -> date:
    band = random.choices(("newborn", "child", "adult", "old"), (4, 20, 46, 30))[0]
    days = {
        "newborn": (0, 27),
        "child": (28, 15 * 365),
        "adult": (16 * 365, 59 * 365),
        "old": (60 * 365, 90 * 365),
    }[band]
    return today - timedelta(days=random.randint(*days))


def _name(random: Random, people: People, sex: Sex) -> str:
    middle, given = (
        (people.male_middle, people.male) if sex == "male" else (people.female_middle, people.female)
    )
    return " ".join((random.choice(people.family), random.choice(middle), random.choice(given)))


def _representative(random: Random, people: People) -> str:
    sex: Sex = random.choice(("female", "female", "male"))
    return f"{_name(random, people, sex)} ({'mẹ' if sex == 'female' else 'bố'})"


def _problems(random: Random, age: int, sex: Sex) -> str:
    if age < 16:
        return random.choice(CHILD_PROBLEMS) if age >= 1 and random.random() < 0.6 else ""
    if age >= 55:
        return " ".join(random.sample(ELDER_PROBLEMS, random.choice((1, 1, 2))))
    choices = ADULT_PROBLEMS + (WOMAN_PROBLEMS if sex == "female" and age >= 20 else ())
    return random.choice(choices) if random.random() < 0.6 else ""
