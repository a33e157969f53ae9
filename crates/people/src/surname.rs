//! How characters are read where they are a family name: 曾 is zeng there and céng elsewhere. Compiled from
//! 《现代汉语词典》 (7th edition), its readings marked 姓, and 《百家姓》.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Family names whose reading is another than the usual one of their characters, or one of several. A blank parts
/// characters; a stroke parts readings, the commoner one first. Two characters stand before one.
const TABLE: &[(&str, &str)] = &[
    ("万俟", "mo qi"),
    ("尉迟", "yu chi"),
    ("长孙", "zhang sun"),
    ("单于", "chan yu"),
    ("澹台", "tan tai"),
    ("令狐", "ling hu"),
    ("皇甫", "huang fu"),
    ("中行", "zhong hang"),
    ("鲜于", "xian yu"),
    ("濮阳", "pu yang"),
    ("宇文", "yu wen"),
    ("呼延", "hu yan"),
    ("慕容", "mu rong"),
    ("司马", "si ma"),
    ("司徒", "si tu"),
    ("司空", "si kong"),
    ("上官", "shang guan"),
    ("欧阳", "ou yang"),
    ("诸葛", "zhu ge"),
    ("夏侯", "xia hou"),
    ("东方", "dong fang"),
    ("东郭", "dong guo"),
    ("南宫", "nan gong"),
    ("西门", "xi men"),
    ("公孙", "gong sun"),
    ("轩辕", "xuan yuan"),
    ("端木", "duan mu"),
    ("百里", "bai li"),
    ("申屠", "shen tu"),
    ("赫连", "he lian"),
    ("拓跋", "tuo ba"),
    ("独孤", "du gu"),
    ("钟离", "zhong li"),
    ("闻人", "wen ren"),
    ("太史", "tai shi"),
    ("仲孙", "zhong sun"),
    ("宗政", "zong zheng"),
    ("淳于", "chun yu"),
    ("公冶", "gong ye"),
    ("第五", "di wu"),
    ("曾", "zeng"),
    ("单", "shan"),
    ("仇", "qiu"),
    ("解", "xie"),
    ("查", "zha"),
    ("朴", "piao"),
    ("区", "ou"),
    ("盖", "ge/gai"),
    ("任", "ren"),
    ("华", "hua"),
    ("翟", "zhai/di"),
    ("缪", "miao/mou"),
    ("覃", "qin/tan"),
    ("盛", "sheng"),
    ("长", "zhang"),
    ("宿", "su"),
    ("员", "yun"),
    ("乐", "yue/le"),
    ("万", "wan"),
    ("尉", "wei"),
    ("石", "shi"),
    ("朱", "zhu"),
    ("王", "wang"),
    ("吴", "wu"),
    ("陆", "lu"),
    ("沈", "shen"),
    ("贾", "jia"),
    ("余", "yu"),
    ("车", "che"),
    ("柏", "bai/bo"),
    ("薄", "bo"),
    ("卜", "bu"),
    ("晁", "chao"),
    ("谌", "chen/shen"),
    ("种", "chong"),
    ("褚", "chu"),
    ("逄", "pang"),
    ("繁", "po"),
    ("牟", "mu/mou"),
    ("费", "fei/bi"),
    ("秘", "bi/mi"),
    ("贲", "ben"),
    ("干", "gan"),
    ("葛", "ge"),
    ("句", "gou"),
    ("勾", "gou"),
    ("谷", "gu"),
    ("过", "guo"),
    ("呙", "guo"),
    ("哈", "ha"),
    ("黑", "he/hei"),
    ("洪", "hong"),
    ("郇", "xun/huan"),
    ("纪", "ji"),
    ("祭", "zhai/ji"),
    ("靳", "jin"),
    ("阚", "kan"),
    ("适", "kuo"),
    ("隗", "wei/kui"),
    ("蔺", "lin"),
    ("令", "ling"),
    ("六", "lu"),
    ("冒", "mao/mo"),
    ("墨", "mo"),
    ("宓", "mi/fu"),
    ("乜", "nie"),
    ("那", "na"),
    ("能", "nai"),
    ("宁", "ning"),
    ("甯", "ning"),
    ("盘", "pan"),
    ("裴", "pei"),
    ("冯", "feng"),
    ("戚", "qi"),
    ("綦", "qi"),
    ("强", "qiang"),
    ("乔", "qiao"),
    ("郄", "qie/xi"),
    ("曲", "qu"),
    ("瞿", "qu"),
    ("璩", "qu"),
    ("冉", "ran"),
    ("撒", "sa"),
    ("塞", "sai"),
    ("召", "shao"),
    ("佘", "she"),
    ("折", "she"),
    ("厍", "she"),
    ("什", "shi"),
    ("殳", "shu"),
    ("眭", "sui"),
    ("睢", "sui"),
    ("邰", "tai"),
    ("佟", "tong"),
    ("邬", "wu"),
    ("郗", "xi/chi"),
    ("洗", "xian"),
    ("冼", "xian"),
    ("冷", "leng"),
    ("相", "xiang"),
    ("行", "xing"),
    ("幸", "xing"),
    ("胥", "xu"),
    ("禤", "xuan"),
    ("燕", "yan"),
    ("闫", "yan"),
    ("要", "yao"),
    ("叶", "ye"),
    ("应", "ying"),
    ("於", "yu"),
    ("俞", "yu"),
    ("喻", "yu"),
    ("虞", "yu"),
    ("尹", "yin"),
    ("恽", "yun"),
    ("郧", "yun"),
    ("臧", "zang"),
    ("仉", "zhang"),
    ("占", "zhan"),
    ("郑", "zheng"),
    ("祝", "zhu"),
    ("竺", "zhu"),
    ("颛", "zhuan"),
    ("禚", "zhuo"),
    ("訾", "zi"),
    ("俱", "ju"),
    ("重", "chong"),
    ("参", "shen"),
    ("邵", "shao"),
    ("晟", "cheng/sheng"),
    ("尧", "yao"),
];

/// The entries of [`TABLE`] by their first character, the longer first.
fn entries(first: char) -> &'static [(&'static str, &'static str)] {
    type Entries = HashMap<char, Vec<(&'static str, &'static str)>>;
    static BY_FIRST: OnceLock<Entries> = OnceLock::new();
    let all = BY_FIRST.get_or_init(|| {
        let mut all = Entries::new();
        for entry in TABLE {
            all.entry(entry.0.chars().next().unwrap_or_default())
                .or_default()
                .push(*entry);
        }
        for entries in all.values_mut() {
            entries.sort_by_key(|(surname, _)| Reverse(surname.len()));
        }
        all
    });
    all.get(&first).map_or(&[], Vec::as_slice)
}

/// The readings of the family name that a name begins with, one text of readings parted by strokes for each of its
/// characters; nothing where they are the usual ones.
pub(crate) fn of(name: &str) -> Option<impl Iterator<Item = &'static str>> {
    entries(name.chars().next()?)
        .iter()
        .find(|(surname, _)| name.starts_with(surname))
        .map(|(_, readings)| readings.split(' '))
}

/// Every way to read a character that a family name begins with.
pub(crate) fn beginnings(c: char) -> impl Iterator<Item = &'static str> {
    entries(c)
        .iter()
        .filter_map(|(_, readings)| readings.split(' ').next())
        .flat_map(|readings| readings.split('/'))
}
