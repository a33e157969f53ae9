//! A large mailbox in constant memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use qiyou_imap::{Limits, Session, UidSet};
use qiyou_net::Stream;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use crate::common::{client_id, zhangsan};

const ROWS: u32 = 20_000;

fn row(uid: u32) -> String {
    let header = format!(
        "From: li{uid}@example.test\r\nSubject: {}\r\nMessage-ID: <{uid}@x>\r\n\r\n",
        "s".repeat(300)
    );
    format!(
        "* {uid} FETCH (UID {uid} FLAGS (\\Seen) INTERNALDATE \"16-Nov-2026 09:00:00 +0800\" RFC822.SIZE 4321 \
         BODYSTRUCTURE ((\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"base64\" 900 12 NIL NIL NIL NIL)(\"text\" \
         \"html\" (\"charset\" \"utf-8\") NIL NIL \"base64\" 1900 22 NIL NIL NIL NIL) \"alternative\" (\"boundary\" \"b\") NIL \
         NIL NIL) BODY[HEADER.FIELDS (FROM SUBJECT)] {{{}}}\r\n{header})\r\n",
        header.len()
    )
}

#[tokio::test]
async fn many_rows_pass_while_little_is_held() {
    let (client, server) = tokio::io::duplex(64 << 10);
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    let serving = tokio::spawn(async move {
        let (read, mut write) = tokio::io::split(server);
        let mut read = BufReader::new(read);
        write
            .write_all(b"* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n")
            .await
            .unwrap();
        let mut line = String::new();
        while read.read_line(&mut line).await.unwrap() > 0 {
            let tag = line.split(' ').next().unwrap().to_owned();
            if line.contains("CAPABILITY") {
                write.write_all(b"* CAPABILITY IMAP4rev1\r\n").await.unwrap();
            }
            if let Some(set) = line.split("UID FETCH ").nth(1) {
                let set = UidSet::parse(set.split(' ').next().unwrap().as_bytes()).unwrap();
                for uid in set.iter() {
                    let row = row(uid);
                    write.write_all(row.as_bytes()).await.unwrap();
                    count.fetch_add(row.len(), Ordering::Relaxed);
                }
            }
            write.write_all(format!("{tag} OK done\r\n").as_bytes()).await.unwrap();
            line.clear();
        }
    });
    let limits = Limits {
        batch: 1_000_000,
        ..Limits::default()
    };
    let stream = Stream::from_io(client, true);
    let mut session = Session::over(stream, &zhangsan(), &client_id(), &limits).await.unwrap();
    let (mut rows, mut taken, mut most_held) = (0_u32, 0_usize, 0_usize);
    session
        .fetch_rows(&UidSet::range(1, ROWS), &mut |got| {
            rows += 1;
            assert_eq!(got.uid, rows);
            assert_eq!(got.structure.unwrap().text_parts().len(), 2);
            taken += row(got.uid).len();
            most_held = most_held.max(written.load(Ordering::Relaxed).saturating_sub(taken));
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(rows, ROWS);
    assert!(taken > 10 << 20, "{taken} bytes are not many");
    assert!(
        most_held < 1 << 20,
        "{most_held} bytes were held between the server and the receiver"
    );
    drop(session);
    serving.await.unwrap();
}
