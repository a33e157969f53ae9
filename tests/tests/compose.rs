//! 张三 writes in the real window, with a real input method, against a real server; 李四 gets it, and it is read as it
//! was written.
#![cfg(target_os = "linux")]

use anyhow::{Context as _, Result, ensure};
use qiyou_tests::desk::{ADDRESS, Desk, mail};
use qiyou_tests::house::PATIENCE;
use qiyou_tests::screen::xdotool;
use qiyou_tests::touch::Touch;

const WORDS: &str = ".composer .words";

fn key(desk: &Desk, name: &str) -> Result<()> {
    xdotool(&desk.session, &["key", name])?;
    Ok(())
}

fn spell(desk: &Desk, word: &str) -> Result<()> {
    xdotool(&desk.session, &["type", "--delay", "60", word])?;
    Ok(())
}

/// Waits until the first line of the editor is this.
async fn first_line(touch: &Touch, text: &str) -> Result<()> {
    touch
        .until(&format!(
            "document.querySelector('{WORDS} p')?.innerText.trim() === '{text}'"
        ))
        .await
        .with_context(|| format!("the first line is never {text}"))?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_typed_in_pinyin_sent_and_read_as_it_was_written() -> Result<()> {
    let desk = Desk::typing(&[mail(
        "table",
        "<table border=1><tr><td style=\"background:#cfe\">合计</td></tr></table>",
    )])
    .await?;
    let touch = Touch::open(&desk.session, &desk.house, &[]).await?;
    touch.read("table").await?.click().await?;
    touch.mail_text().await?;
    touch.tap(".tools button[aria-keyshortcuts='R' i]").await?;
    touch.see(WORDS).await?;
    touch
        .until("document.activeElement?.classList.contains('words')")
        .await?;

    // The Enter that takes the letters as they are breaks no line; space and numbers choose a candidate.
    spell(&desk, "haode")?;
    key(&desk, "Return")?;
    first_line(&touch, "haode").await?;
    key(&desk, "ctrl+a")?;
    spell(&desk, "nihao")?;
    key(&desk, "space")?;
    first_line(&touch, "你好").await?;
    // What is given up leaves nothing, and the Escape is the input method's: the mail stays open.
    spell(&desk, "shijie")?;
    key(&desk, "Escape")?;
    first_line(&touch, "你好").await?;
    spell(&desk, "shijie")?;
    key(&desk, "1")?;
    first_line(&touch, "你好世界").await?;
    ensure!(desk.dovecot.sink().mails().is_empty(), "nothing went");
    key(&desk, "ctrl+Return")?;
    touch.see(".toast button").await?;

    let sent = desk.dovecot.sink().wait_for_mails(1, PATIENCE).await?;
    let raw = &sent.first().context("one mail went")?.data;
    let text = String::from_utf8_lossy(raw);
    ensure!(text.contains("In-Reply-To: <"), "{text}");
    ensure!(!text.contains("haode"), "{text}");

    // 李四's reading is ours: the same window shows what came.
    let back = text.replacen("Subject: ", "Subject: back ", 1);
    desk.dovecot.deliver(ADDRESS, back.as_bytes()).await?;
    touch.read("back").await?.click().await?;
    touch.see_path("//main//h1[contains(., 'back')]").await?;
    let shown = touch.mail_text().await?;
    ensure!(shown.contains("你好") && shown.contains("合计"), "{shown}");
    Ok(())
}

/// Sentences as they are spelt, with their syllables: what becomes of them is the input method's own choice, but it is so
/// many Chinese characters.
const SENTENCES: [(&str, usize); 45] = [
    ("nimenhao", 3),
    ("jintianxiawukaihui", 6),
    ("qingchashoufujian", 5),
    ("xiexienidebangzhu", 6),
    ("womenmingtianjian", 5),
    ("zhegewentihenzhongyao", 7),
    ("baogaoyijingxiehao", 6),
    ("qingjinkuaihuifu", 5),
    ("kehuhenmanyi", 5),
    ("hetongxuyaogaizhang", 6),
    ("fapiaoxiazhoujichu", 6),
    ("shujuyoudianwenti", 6),
    ("huiyigaidaozhouwu", 6),
    ("wozaibeijingchuchai", 6),
    ("xianggangbangongshi", 5),
    ("nanfangfengongsi", 5),
    ("shengchanjihuabiao", 5),
    ("caigoudingdanhao", 5),
    ("yusuanyijingpizhun", 6),
    ("renshibutongzhi", 5),
    ("gongzitiaoyifasong", 6),
    ("niandizongjiehuiyi", 6),
    ("anquanpeixunkecheng", 6),
    ("xinyuangongbaodao", 5),
    ("shebeiweixiushenqing", 6),
    ("wuliuzuixinjinzhan", 6),
    ("shangpinkucunbuzu", 6),
    ("zhiliangjianchajieguo", 6),
    ("gongyingshangpinggu", 5),
    ("hezuohuobanguanxi", 6),
    ("shichangdiaochabaogao", 6),
    ("chanpinshejifangan", 6),
    ("ceshihuanjingdizhi", 6),
    ("fuwuqichongqile", 6),
    ("mimayaodingqigenghuan", 7),
    ("wangluolianjiezhongduan", 6),
    ("ruanjianbanbengengxin", 6),
    ("yonghufankuiyijian", 6),
    ("tousuchuliliucheng", 6),
    ("xiangmuanqiwancheng", 6),
    ("fengxianpinggubiao", 5),
    ("guangzhouzhanlanhui", 5),
    ("jiudianyudingchenggong", 6),
    ("huochepiaoyimaihao", 6),
    ("zhunimenyiqieshunli", 7),
];
/// One syllable each, of which the second candidate is taken.
const SYLLABLES: [&str; 5] = ["shi", "ren", "da", "xiao", "hao"];

/// Waits until a line of the editor matches a pattern of JavaScript.
async fn line_is(touch: &Touch, line: usize, pattern: &str) -> Result<()> {
    let found = format!("document.querySelectorAll('{WORDS} > p')[{line}]?.innerText.trim()");
    if touch
        .until(&format!("/^{pattern}$/.test({found} ?? '')"))
        .await
        .is_err()
    {
        let shown = touch.page().execute(&format!("return {found}"), vec![]).await?;
        anyhow::bail!("line {line} is {shown} and never {pattern}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_sentences_by_space_number_and_enter_stand_as_they_were_chosen() -> Result<()> {
    let desk = Desk::typing(&[mail("table", "<p>x</p>")]).await?;
    let touch = Touch::open(&desk.session, &desk.house, &[]).await?;
    touch.read("table").await?.click().await?;
    touch.mail_text().await?;
    touch.tap(".tools button[aria-keyshortcuts='R' i]").await?;
    touch.see(WORDS).await?;
    touch
        .until("document.activeElement?.classList.contains('words')")
        .await?;
    let mut line = 0;
    for (spelt, syllables) in SENTENCES {
        spell(&desk, spelt)?;
        // The Enter that takes the letters breaks no line; the next one does.
        let (confirm, pattern) = match line % 3 {
            0 => ("space", format!("[\\u4e00-\\u9fff]{{{syllables}}}")),
            1 => ("1", format!("[\\u4e00-\\u9fff]{{{syllables}}}")),
            _ => ("Return", spelt.to_owned()),
        };
        key(&desk, confirm)?;
        line_is(&touch, line, &pattern).await?;
        key(&desk, "Return")?;
        line += 1;
        if line == 20 {
            // Elsewhere and back: what was chosen stays, and one goes on where one was.
            touch.tap(".composer .people input").await?;
            touch.until("document.activeElement?.tagName === 'INPUT'").await?;
            touch
                .page()
                .execute(&format!("document.querySelector('{WORDS}').focus()"), vec![])
                .await?;
            line_is(&touch, line - 1, "[\\u4e00-\\u9fff]+").await?;
        }
    }
    for spelt in SYLLABLES {
        spell(&desk, spelt)?;
        key(&desk, "2")?;
        line_is(&touch, line, "[\\u4e00-\\u9fff]").await?;
        key(&desk, "Return")?;
        line += 1;
    }
    // What is taken back goes, and nothing else; it can be had again.
    spell(&desk, "zaijian")?;
    key(&desk, "space")?;
    line_is(&touch, line, "[\\u4e00-\\u9fff]{2}").await?;
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    spell(&desk, "mingtian")?;
    key(&desk, "space")?;
    line_is(&touch, line, "[\\u4e00-\\u9fff]{4}").await?;
    key(&desk, "ctrl+z")?;
    line_is(&touch, line, "[\\u4e00-\\u9fff]{2}").await?;
    key(&desk, "ctrl+shift+z")?;
    line_is(&touch, line, "[\\u4e00-\\u9fff]{4}").await?;
    let written = touch
        .page()
        .execute(
            &format!("return [...document.querySelectorAll('{WORDS} > p')].slice(0, {line} + 1).map((p) => p.innerText.trim())"),
            vec![],
        )
        .await?;
    ensure!(desk.dovecot.sink().mails().is_empty(), "nothing went");
    key(&desk, "ctrl+Return")?;
    touch.see(".toast button").await?;
    let sent = desk.dovecot.sink().wait_for_mails(1, PATIENCE).await?;
    let raw = &sent.first().context("one mail went")?.data;
    let read = mail_parser::MessageParser::default().parse(raw).context("a mail")?;
    let text = read.body_text(0).context("it has a text")?;
    let came: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    for (number, wanted) in written.as_array().context("lines")?.iter().enumerate() {
        ensure!(
            came.get(number).copied() == wanted.as_str(),
            "line {number}: {wanted} went as {:?}",
            came.get(number)
        );
    }
    Ok(())
}
