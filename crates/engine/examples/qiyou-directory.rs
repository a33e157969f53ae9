//! The measurements of the enterprise directory, on the engine as it is shipped: `cargo xtask bench directory` runs
//! this and reports the figures, which come as one line of JSON each.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "small numbers for people"
)]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use qiyou_api::CompleteParams;
use qiyou_bridge_api::{Department, DirectoryPart, NoAddress, Person};
use qiyou_engine::{Config, Engine, MemoryKeychain, Pace, SystemClock};
use qiyou_store::{Key, Store};

/// People of one part.
const PART: usize = 2000;
/// Departments below the root: 40 of 25 of 3.
const GROUPS: i64 = 3000;
/// People who are looked for.
const LOOKED_FOR: usize = 150;

/// Family names, the commonest as often as they are.
const SURNAMES: &str = "王王王王王王王李李李李李李李张张张张张张张刘刘刘刘刘陈陈陈陈陈杨杨杨赵赵黄黄周周吴吴徐徐孙孙胡胡朱朱\
    高高林林何何郭郭马马罗罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭\
    廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文单仇解查朴区盖华翟缪覃盛宿员乐";
/// What the kin of 张三 and 李四 are called.
const GIVEN: &str = "三四五六七八九十一小大国明建文晓志华军伟强平东红英芳丽敏静杰涛超勇艳娟霞秀兰玉桂海春梅雪松林森浩宇轩\
    子涵欣怡佳琪思雨梦瑶嘉诚天佑俊博乐朝重行长";
const TITLES: [&str; 12] = [
    "工程师",
    "高级工程师",
    "经理",
    "主管",
    "总监",
    "助理",
    "会计",
    "销售代表",
    "产品经理",
    "设计师",
    "顾问",
    "专员",
];

fn figure(name: &str, value: f64, unit: &str, aim: Option<f64>) {
    let aim = aim.map_or_else(|| "null".to_owned(), |aim| aim.to_string());
    println!(r#"{{"figure":"{name}","value":{value},"unit":"{unit}","aim":{aim}}}"#);
}

/// Resident memory, the most of it so far, and of it what is of no file, in MB of 2^20 bytes; 0 where the system does
/// not tell.
fn memory() -> (f64, f64, f64) {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let number = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let kib: f64 = line
            .and_then(|line| line.split_ascii_whitespace().nth(1))
            .and_then(|word| word.parse().ok())
            .unwrap_or_default();
        kib / 1024.0
    };
    (number("VmRSS"), number("VmHWM"), number("RssAnon"))
}

/// Few heaps, as the agent has them. To be called before the first thread starts.
fn few_heaps() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        /// malloc.h
        const M_ARENA_MAX: std::ffi::c_int = -8;
        unsafe extern "C" {
            fn mallopt(name: std::ffi::c_int, value: std::ffi::c_int) -> std::ffi::c_int;
        }
        // SAFETY: mallopt takes two integers and may be called at any time; a value it dislikes it leaves alone.
        unsafe {
            mallopt(M_ARENA_MAX, 2);
        }
    }
}

/// What is free goes back to the system, as the agent has it when it rests.
fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            fn malloc_trim(keep: usize) -> std::ffi::c_int;
        }
        // SAFETY: malloc_trim takes the heaps' locks by itself and frees only pages that nothing lies in.
        unsafe {
            malloc_trim(0);
        }
    }
}

/// The same mixture at each run.
fn dice(n: usize) -> usize {
    let mut x = n as u64 ^ 0x9e37_79b9_7f4a_7c15;
    for _ in 0..2 {
        x = (x ^ (x >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    usize::try_from(x >> 33).unwrap_or(0)
}

fn one_of(text: &str, n: usize) -> char {
    let count = text.chars().count();
    text.chars().nth(dice(n) % count).unwrap_or('三')
}

fn person(n: usize) -> Person {
    let mut name = one_of(SURNAMES, n * 4).to_string();
    name.push(one_of(GIVEN, n * 4 + 1));
    if !dice(n * 4 + 2).is_multiple_of(4) {
        name.push(one_of(GIVEN, n * 4 + 3));
    }
    // Half have their spelling as an address, with a number as so many are called alike; half have a job number.
    let local = if n.is_multiple_of(2) {
        format!("e{n:06}")
    } else {
        format!("zhangsan{n}")
    };
    let group = 1001 + i64::try_from(dice(n + 7)).unwrap_or(0) % GROUPS;
    Person {
        id: format!("W{n:07}"),
        name,
        address: (!n.is_multiple_of(50)).then(|| format!("{local}@example.cn")),
        no_address: n.is_multiple_of(50).then_some(NoAddress::Empty),
        departments: vec![group],
        title: TITLES[dice(n + 3) % TITLES.len()].to_owned(),
        phone: format!("138{n:08}"),
        ..Person::default()
    }
}

fn departments() -> Vec<Department> {
    let department = |id, parent, name: String| Department {
        id,
        name,
        parent,
        order: 0,
    };
    let mut all = vec![department(1, 0, "示例集团".to_owned())];
    for n in 0..40 {
        all.push(department(2 + n, 1, format!("华东第{}事业部", n + 1)));
    }
    for n in 0..1000_i64 {
        // 1001 and on are the groups; these are the departments above them.
        let kind = ["销售", "财务", "研发", "人事", "采购"][usize::try_from(n % 5).unwrap_or(0)];
        all.push(department(10_000 + n, 2 + n % 40, format!("{kind}{}部", n / 5 + 1)));
    }
    for n in 0..GROUPS {
        all.push(department(1001 + n, 10_000 + n % 1000, format!("{}组", n / 1000 + 1)));
    }
    all
}

/// What somebody types for this person, letter by letter: in full, by initials, mixed, in characters, by the address.
fn typed(person: &Person, way: usize) -> Vec<String> {
    use pinyin::ToPinyin as _;
    let syllables: Vec<&str> = person
        .name
        .as_str()
        .to_pinyin()
        .flatten()
        .map(pinyin::Pinyin::plain)
        .collect();
    let initials = |from: usize| {
        syllables
            .iter()
            .skip(from)
            .filter_map(|s| s.get(..1))
            .collect::<String>()
    };
    let whole = match way % 5 {
        0 => syllables.concat(),
        1 => initials(0),
        2 => format!("{}{}", syllables.first().copied().unwrap_or_default(), initials(1)),
        3 => person.name.clone(),
        _ => person
            .address
            .clone()
            .unwrap_or_default()
            .split('@')
            .next()
            .unwrap_or_default()
            .to_owned(),
    };
    let letters: Vec<char> = whole.chars().collect();
    (1..=letters.len()).map(|n| letters[..n].iter().collect()).collect()
}

fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (values.len() * percent).div_ceil(100).max(1);
    values.get(rank - 1).copied().unwrap_or_default()
}

fn main() -> Result<()> {
    few_heaps();
    tokio::runtime::Runtime::new()?.block_on(measure())
}

async fn measure() -> Result<()> {
    let count: usize = std::env::args()
        .nth(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or(100_000);
    let home = tempfile::tempdir()?;
    let (engine, _tells) = Engine::start(Config {
        store: Store::open(home.path(), &Key::new([3; 32]))?,
        keychain: Arc::new(MemoryKeychain::default()),
        clock: Arc::new(SystemClock),
        home_id: "bench".into(),
        extra_roots: Vec::new(),
        pace: Pace::default(),
        near_pictures: false,
        oauth_issuers: HashMap::new(),
        company: qiyou_engine::CompanyConfig::default(),
    })
    .await?;
    let complete = async |query: &str| {
        let params = CompleteParams {
            query: query.to_owned(),
            most: 8,
        };
        engine.complete(params).await
    };
    complete("z").await?;
    give_back();
    let (rest, _, own) = memory();

    let mut took = Duration::ZERO;
    let mut longest = Duration::ZERO;
    let parts = count.div_ceil(PART);
    for at in 0..parts {
        let people = (at * PART..((at + 1) * PART).min(count)).map(person).collect();
        let part = DirectoryPart {
            revision: 1,
            whole: true,
            departments: if at == 0 { departments() } else { Vec::new() },
            people,
            more: (at + 1 < parts).then(|| "next".to_owned()),
            ..DirectoryPart::default()
        };
        let before = Instant::now();
        engine.directory_apply(part, at == 0).await?;
        took += before.elapsed();
        longest = longest.max(before.elapsed());
    }
    figure("first directory, all parts", took.as_secs_f64(), "Seconds", Some(5.0));
    figure(
        "first directory, the longest part",
        longest.as_secs_f64(),
        "Seconds",
        None,
    );
    figure(
        "first directory, memory at most above before",
        memory().1 - rest,
        "Mb",
        None,
    );
    let bytes = |name: &str| std::fs::metadata(home.path().join(name)).map_or(0, |file| file.len());
    figure("on the disk", bytes("store.db") as f64 / 1_048_576.0, "Mb", None);
    figure(
        "write-ahead log",
        bytes("store.db-wal") as f64 / 1_048_576.0,
        "Mb",
        None,
    );

    engine.directory_own("W0000011").await?;
    let mut deltas = Vec::new();
    for round in 0..20_usize {
        let people = (0..7).map(|n| Person {
            title: format!("新职位{round}"),
            ..person(round * 100 + n)
        });
        let part = DirectoryPart {
            revision: i64::try_from(round)? + 2,
            people: people
                .chain([person(count + round), person(count + 50 + round)])
                .collect(),
            people_gone: vec![format!("W{:07}", 50_000.min(count / 2) + round)],
            ..DirectoryPart::default()
        };
        let before = Instant::now();
        engine.directory_apply(part, true).await?;
        deltas.push(before.elapsed().as_secs_f64() * 1e3);
    }
    figure("10 changes: p95", percentile(&mut deltas, 95), "Ms", Some(100.0));

    let before = Instant::now();
    complete("z").await?;
    figure(
        "the first key after a change",
        before.elapsed().as_secs_f64() * 1e3,
        "Ms",
        None,
    );
    let mut spans: Vec<(f64, String)> = Vec::new();
    let mut found = 0_usize;
    for n in 0..LOOKED_FOR {
        let wanted = person(dice(n * 31) % count);
        let keys = typed(&wanted, n);
        let mut there = false;
        for query in &keys {
            let before = Instant::now();
            let rows = complete(query).await?;
            spans.push((before.elapsed().as_secs_f64() * 1e3, query.clone()));
            there = rows
                .iter()
                .any(|row| row.name == wanted.name || Some(&row.address) == wanted.address.as_ref());
        }
        found += usize::from(there);
    }
    ensure!(found > 0, "nobody was found");
    spans.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let slowest: Vec<String> = spans
        .iter()
        .rev()
        .take(5)
        .map(|(ms, query)| format!("{query} {ms:.1}"))
        .collect();
    eprintln!("the slowest: {}", slowest.join(", "));
    let mut times: Vec<f64> = spans.into_iter().map(|(ms, _)| ms).collect();
    figure("key strokes", times.len() as f64, "Count", None);
    for (percent, aim) in [(50, None), (95, Some(5.0)), (99, None)] {
        figure(
            &format!("completion: p{percent}"),
            percentile(&mut times, percent),
            "Ms",
            aim,
        );
    }
    figure(
        "of 8 rows at the last key, one who is called so",
        found as f64 * 100.0 / LOOKED_FOR as f64,
        "Percent",
        None,
    );
    let (working, _, _) = memory();
    figure("memory above before, while typing", working - rest, "Mb", None);
    // The store gives its caches back after 30 s without work.
    tokio::time::sleep(Duration::from_secs(32)).await;
    engine.rest();
    give_back();
    // The agent at rest lets pages of its program and its files go, which this does not: they are told apart.
    figure("memory above before, at rest", memory().2 - own, "Mb", Some(3.0));
    figure("the same, with pages of files", memory().0 - rest, "Mb", None);
    engine.store().check().await.context("the store is whole")?;
    Ok(())
}
