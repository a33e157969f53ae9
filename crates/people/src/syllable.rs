//! The syllables of Hanyu Pinyin (GB/T 16159), and how they are typed.

use std::borrow::Cow;
use std::sync::OnceLock;

/// How exactly a syllable has to be typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Typing {
    /// As it is spelt; ü as `v`, `u` or `yu`.
    #[default]
    Exact,
    /// What sounds alike to many means the same: z and zh, c and ch, s and sh, n and ng at the end, l and n.
    Forgiving,
}

/// All of them, without tones, ü as `v`; sorted.
const ALL: &str = "a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang \
    cao ce cei cen ceng cha chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun \
    chuo ci cong cou cu cuan cui cun cuo da dai dan dang dao de dei den deng di dia dian diao die din ding diu dong \
    dou du duan dui dun duo e ei en eng er fa fan fang fei fen feng fiao fo fou fu ga gai gan gang gao ge gei gen \
    geng gong gou gu gua guai guan guang gui gun guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan \
    huang hui hun huo ji jia jian jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke kei ken \
    keng kong kou ku kua kuai kuan kuang kui kun kuo la lai lan lang lao le lei len leng li lia lian liang liao lie \
    lin ling liu lo long lou lu luan lun luo lv lve ma mai man mang mao me mei men meng mi mian miao mie min ming \
    miu mo mou mu na nai nan nang nao ne nei nen neng ni nia nian niang niao nie nin ning niu nong nou nu nuan nun \
    nuo nv nve o ou pa pai pan pang pao pei pen peng pi pian piao pie pin ping po pou pu qi qia qian qiang qiao qie \
    qin qing qiong qiu qu quan que qun ran rang rao re ren reng ri rong rou ru rua ruan rui run ruo sa sai san sang \
    sao se sen seng sha shai shan shang shao she shei shen sheng shi shou shu shua shuai shuan shuang shui shun shuo \
    si song sou su suan sui sun suo ta tai tan tang tao te tei teng ti tian tiao tie ting tong tou tu tuan tui tun \
    tuo wa wai wan wang wei wen weng wo wong wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan xue xun ya yan \
    yang yao ye yi yin ying yo yong you yu yuan yue yun za zai zan zang zao ze zei zen zeng zha zhai zhan zhang zhao \
    zhe zhei zhen zheng zhi zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo zi zong zou zu zuan zui zun zuo";

/// The longest way to type one, in letters: `zhuang`.
pub(crate) const LONGEST: usize = 6;

/// Every way to type a syllable; the first is how it is spelt.
pub(crate) fn forms(syllable: &str, typing: Typing) -> Vec<Cow<'_, str>> {
    let mut all = vec![Cow::Borrowed(syllable)];
    if syllable.contains('v') {
        all.push(syllable.replace('v', "u").into());
        all.push(syllable.replace('v', "yu").into());
    } else if let Some(rest) = syllable.strip_prefix(['j', 'q', 'x', 'y'])
        && let Some(rest) = rest.strip_prefix('u')
    {
        all.push(format!("{}v{rest}", syllable.chars().next().unwrap_or_default()).into());
    }
    if typing == Typing::Forgiving {
        more(&mut all, other_initial);
        more(&mut all, other_end);
    }
    all
}

fn more(all: &mut Vec<Cow<'_, str>>, other: fn(&str) -> Option<String>) {
    let others: Vec<Cow<'_, str>> = all.iter().filter_map(|form| other(form)).map(Cow::Owned).collect();
    all.extend(others);
}

fn other_initial(form: &str) -> Option<String> {
    let pairs = [("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n")];
    pairs.iter().find_map(|(one, other)| {
        form.strip_prefix(one)
            .map(|rest| format!("{other}{rest}"))
            .or_else(|| form.strip_prefix(other).map(|rest| format!("{one}{rest}")))
    })
}

fn other_end(form: &str) -> Option<String> {
    if let Some(short) = form.strip_suffix('g') {
        return ["an", "en", "in"]
            .iter()
            .any(|end| short.ends_with(end))
            .then(|| short.to_owned());
    }
    ["an", "en", "in"]
        .iter()
        .any(|end| form.ends_with(end))
        .then(|| format!("{form}g"))
}

/// A way to type a syllable, and the syllable.
pub(crate) type Typed = (Cow<'static, str>, &'static str);

/// Every way to type every syllable, sorted.
fn table(typing: Typing) -> &'static [Typed] {
    static TABLES: [OnceLock<Vec<Typed>>; 2] = [const { OnceLock::new() }; 2];
    let [exact, forgiving] = &TABLES;
    let cell = if typing == Typing::Exact { exact } else { forgiving };
    cell.get_or_init(|| {
        let mut all: Vec<Typed> = ALL
            .split_ascii_whitespace()
            .flat_map(|syllable| forms(syllable, typing).into_iter().map(move |form| (form, syllable)))
            .collect();
        all.sort_unstable();
        all.shrink_to_fit();
        all
    })
}

/// The syllables that are typed with this beginning.
pub(crate) fn beginning(typed: &str, typing: Typing) -> impl Iterator<Item = &'static str> {
    let table = table(typing);
    let from = table.partition_point(|(form, _)| form.as_ref() < typed);
    table
        .get(from..)
        .unwrap_or_default()
        .iter()
        .take_while(move |(form, _)| form.starts_with(typed))
        .map(|(_, syllable)| *syllable)
}
