//! 张三, 李四 and their kin.

/// Somebody with an address. The domains are reserved for examples (RFC 2606).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    pub address: String,
}

impl Person {
    /// 张三, whose mailbox it is where nobody else is named.
    pub fn owner() -> Self {
        Self {
            name: "张三".to_owned(),
            address: "zhangsan@qiyou.example".to_owned(),
        }
    }
}

/// Surnames with their spelling, in the order of the old rhyme after the first four.
const SURNAMES: [(&str, &str); 24] = [
    ("张", "zhang"),
    ("李", "li"),
    ("王", "wang"),
    ("赵", "zhao"),
    ("钱", "qian"),
    ("孙", "sun"),
    ("周", "zhou"),
    ("吴", "wu"),
    ("郑", "zheng"),
    ("冯", "feng"),
    ("陈", "chen"),
    ("褚", "chu"),
    ("卫", "wei"),
    ("蒋", "jiang"),
    ("沈", "shen"),
    ("韩", "han"),
    ("杨", "yang"),
    ("朱", "zhu"),
    ("秦", "qin"),
    ("尤", "you"),
    ("许", "xu"),
    ("何", "he"),
    ("吕", "lv"),
    ("施", "shi"),
];
/// What the kin are called: by their number, and by the number of their house.
const NUMBERS: [(&str, &str); 12] = [
    ("三", "san"),
    ("四", "si"),
    ("五", "wu"),
    ("六", "liu"),
    ("七", "qi"),
    ("八", "ba"),
    ("九", "jiu"),
    ("十", "shi"),
    ("十一", "shiyi"),
    ("十二", "shier"),
    ("小三", "xiaosan"),
    ("小四", "xiaosi"),
];
const DOMAINS: [&str; 8] = [
    "qiyou.example",
    "qiyou.example",
    "qiyou.example",
    "huadong.example",
    "kehu.example",
    "gongyingshang.example",
    "mail.example",
    "partner.example",
];

/// 288 people; those that come first write most.
pub(crate) fn kin() -> Vec<Person> {
    let mut all = Vec::with_capacity(SURNAMES.len() * NUMBERS.len());
    // 张三, 李四, 王五, 赵六 first, then diagonal by diagonal.
    for round in 0..NUMBERS.len() {
        for (at, (surname, spelt)) in SURNAMES.iter().enumerate() {
            let Some((number, number_spelt)) = NUMBERS.get((at + round) % NUMBERS.len()) else {
                continue;
            };
            let domain = DOMAINS
                .get((at * 5 + round * 3) % DOMAINS.len())
                .copied()
                .unwrap_or("mail.example");
            let name = if (at + round) % 5 == 4 {
                // Some write their names in letters.
                let capital = |word: &str| {
                    let mut letters = word.chars();
                    letters
                        .next()
                        .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
                        .unwrap_or_default()
                };
                format!("{} {}", capital(number_spelt), capital(spelt))
            } else {
                format!("{surname}{number}")
            };
            all.push(Person {
                name,
                address: format!("{spelt}{number_spelt}@{domain}"),
            });
        }
    }
    all
}
