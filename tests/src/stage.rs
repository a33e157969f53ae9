//! A sandbox with the page in a plain browser before it, for tests that look at the page: they say by lines what is to
//! happen, and are told by lines what did.
//!
//! The first line that is written is the address of the page. Then every line that is read is a command, answered by
//! one line, `ok ...` or `error ...`:
//!
//! | command | what happens |
//! |---|---|
//! | `move in` | both accounts are added, and all of their mail is known |
//! | `server` | nothing; the answer names address, password, IMAP port and submission port of 张三 |
//! | `mail` | one more mail comes, to one account after the other |
//! | `letter` | 张三 gets [`LETTER`], in which every kind of thing is |
//! | `put NAME` | 张三 gets the HTML of that file of `ui/tests/data/postmark`, with its name as the subject |
//! | `sent` | nothing; the answer is a JSON list of subject and HTML of all mails that were sent |
//! | `office` | the company's WeCom and bridge start; the answer names the bridge |
//! | `mailbox NAME` | WeCom knows no mail address of that member any more |
//! | `link ADDRESS` | the agent gets an address of its scheme, as from a browser |
//! | `kill` | the agent ends without a word |
//! | `agent` | it starts again |
//! | `followed` | nothing; the answer lists where the links led that were followed |

use anyhow::{Context as _, Result, bail};
use qiyou_api::{LinkParams, SyncParams, call};
use qiyou_testkit::desktop::{Options, Session};
use qiyou_testkit::devserver::{self, DevServer};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use crate::company::Office;
use crate::demo::{Clock, Sandbox};
use crate::house::{House, root};

/// A mail with a link, a picture from the network, two attachments and several people.
pub const LETTER: &str = "\
From: =?utf-8?B?5p2O5Zub?= <lisi@example.com>\r
To: =?utf-8?B?5byg5LiJ?= <zhangsan@qiyou.example>, wangwu@example.com\r
Cc: zhaoliu@example.com\r
Subject: =?utf-8?B?5a2j5bqm5oql5ZGK?=\r
Message-ID: <letter@example.com>\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b1\r
\r
--b1\r
Content-Type: text/html; charset=utf-8\r
Content-Transfer-Encoding: 8bit\r
\r
<p>各位好，报告见附件。</p><p><a href=\"https://example.com/report?q=3\">在线查看</a></p>\r
<img src=\"https://example.com/logo.png\" width=\"40\" height=\"40\" alt=\"logo\">\r
--b1\r
Content-Type: text/plain; charset=utf-8; name=\"notes.txt\"\r
Content-Disposition: attachment; filename=\"notes.txt\"\r
\r
three lines\r
of notes\r
\r
--b1\r
Content-Type: application/pdf\r
Content-Disposition: attachment; filename*=utf-8''%E6%8A%A5%E5%91%8A.pdf\r
Content-Transfer-Encoding: base64\r
\r
JVBERi0xLjQKJSVFT0YK\r
--b1--\r
";

struct Stage {
    // In this order they end.
    server: DevServer,
    house: House,
    office: Option<Office>,
    sandbox: Sandbox,
    _session: Session,
}

/// Runs until the input ends.
pub async fn run() -> Result<()> {
    let session = Session::start_with(Options {
        display: false,
        ..Options::default()
    })
    .await?;
    let sandbox = Sandbox::start(Clock::start()).await?;
    let house = House::start(session.environment().clone()).await?;
    let server = DevServer::start(devserver::Options {
        page: root().join("ui/dist"),
        endpoint: house.endpoint(),
        port: 0,
    })
    .await?;
    let mut stage = Stage {
        server,
        house,
        office: None,
        sandbox,
        _session: session,
    };
    let mut out = tokio::io::stdout();
    out.write_all(format!("{}\n", stage.server.url()).as_bytes()).await?;
    out.flush().await?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let answer = match stage.act(line.trim()).await {
            Ok(said) => format!("ok {said}\n"),
            Err(error) => format!("error {}\n", format!("{error:#}").replace('\n', " ")),
        };
        out.write_all(answer.as_bytes()).await?;
        out.flush().await?;
    }
    Ok(())
}

impl Stage {
    async fn act(&mut self, command: &str) -> Result<String> {
        match command {
            "move in" => {
                self.sandbox.move_in(&self.house, Clock::start())?;
                let (client, mut events) = self.house.client().await?;
                tokio::spawn(async move { while events.recv().await.is_some() {} });
                let everything = SyncParams {
                    account: None,
                    wait: true,
                };
                client.call(call::Sync, everything).await.context("the first sync")?;
            }
            "server" => return Ok(self.sandbox.way_in()),
            "mail" => self.sandbox.deliver().await?,
            "letter" => self.sandbox.put(LETTER.as_bytes()).await?,
            "sent" => {
                let mails = self.sandbox.submitted().into_iter().map(|raw| {
                    let mail = mail_parser::MessageParser::default().parse(&raw).map(|mail| {
                        let html = mail.body_html(0).unwrap_or_default().into_owned();
                        (mail.subject().unwrap_or_default().to_owned(), html)
                    });
                    mail.unwrap_or_default()
                });
                return Ok(serde_json::to_string(&mails.collect::<Vec<_>>())?);
            }
            "office" => {
                let office = self.office.insert(Office::start("qiyou.example").await?);
                return Ok(office.bridge().to_string());
            }
            "kill" => self.house.kill_agent()?,
            "agent" => self.house.start_agent().await?,
            "followed" => return Ok(self.server.followed().borrow().join(" ")),
            other => match other.split_once(' ') {
                Some(("put", name)) => self.sandbox.put(&template(name)?).await?,
                Some(("mailbox", name)) => {
                    let office = self.office.as_ref().context("there is no office")?;
                    office.wecom().member(name, |member| {
                        member.biz_mail.clear();
                        member.email.clear();
                    });
                }
                Some(("link", url)) => {
                    let (client, _) = self.house.client().await?;
                    client.call(call::Link, LinkParams { url: url.to_owned() }).await?;
                }
                _ => bail!("no command is called {other}"),
            },
        }
        Ok(String::new())
    }
}

/// A mail of others' design.
fn template(name: &str) -> Result<Vec<u8>> {
    let file = root().join("ui/tests/data/postmark").join(format!("{name}.html"));
    let html = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    // What stands in the templates in the place of addresses is none, and browsers draw such links otherwise.
    let html = html.replace("href=\"{{", "href=\"https://example.com/{{");
    let head = format!(
        "From: lisi@example.com\r\nTo: zhangsan@qiyou.example\r\nSubject: {name}\r\nMessage-ID: <{name}@example.com>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    );
    Ok([
        head.as_bytes(),
        html.replace("\r\n", "\n").replace('\n', "\r\n").as_bytes(),
    ]
    .concat())
}
