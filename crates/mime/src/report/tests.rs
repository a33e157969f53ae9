use super::*;

fn told(raw: &str) -> Report {
    report(raw.replace('\n', "\r\n").as_bytes()).unwrap()
}

fn only(report: &Report) -> (&str, Outcome, Reason) {
    let [fate] = report.fates.as_slice() else {
        panic!("{report:?}")
    };
    (&fate.address, fate.outcome, fate.reason)
}

#[test]
fn a_delivery_report_names_mail_recipient_and_reason() {
    let report = told(
        "From: MAILER-DAEMON@mx.example\nSubject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status;\n\
         \tboundary=\"b\"\n\n--b\nContent-Type: text/plain\n\nsorry\n--b\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.example\n\nOriginal-Recipient: rfc822;lisi@example.com\n\
         Final-Recipient: rfc822; li.si@inside.example.com\nAction: failed\nStatus: 5.0.0\n\
         Diagnostic-Code: smtp; 552 5.2.2 <lisi@example.com>:\n  mailbox full\n\nFinal-Recipient: rfc822; w@example.com\n\
         Action: delayed\nStatus: 4.4.1\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <1@a.example>\n\
         Subject: =?utf-8?B?5ZGo5oql?=\n--b--\n",
    );
    assert_eq!(
        (report.message_id.as_deref(), report.subject.as_str()),
        (Some("1@a.example"), "周报")
    );
    assert!(!report.guessed);
    let [first, second] = report.fates.as_slice() else {
        panic!("{report:?}")
    };
    assert_eq!(
        (first.address.as_str(), first.outcome, first.reason),
        ("lisi@example.com", Outcome::Failed, Reason::MailboxFull)
    );
    assert_eq!(first.detail, "552 5.2.2 <lisi@example.com>: mailbox full");
    assert_eq!(
        (second.address.as_str(), second.outcome, second.reason),
        ("w@example.com", Outcome::Delayed, Reason::Unreachable)
    );
}

#[test]
fn what_a_server_says_in_gbk_is_read() {
    let mut raw = b"From: Postmaster@mx.example\r\nSubject: x\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\
                    Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n\
                    Final-Recipient: rfc822; lisi@example.com\r\nAction: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: smtp; 550 "
        .to_vec();
    // 邮箱已满
    raw.extend(b"\xd3\xca\xcf\xe4\xd2\xd1\xc2\xfa\r\n--b--\r\n");
    let report = report(&raw).unwrap();
    assert_eq!(report.fates[0].detail, "550 邮箱已满");
    assert_eq!(only(&report).2, Reason::MailboxFull);
}

#[test]
fn a_receipt_says_who_read_which_mail() {
    let mail = |kind: &str| {
        format!(
            "From: lisi@example.com\nSubject: x\nContent-Type: multipart/report; report-type=disposition-notification;\n\
             \tboundary=b\n\n--b\nContent-Type: text/plain\n\nread\n--b\nContent-Type: message/disposition-notification\n\n\
             Reporting-UA: x; y\nFinal-Recipient: rfc822;lisi@example.com\nOriginal-Message-ID: <7@a.example>\n\
             Disposition: manual-action/MDN-sent-manually; {kind}\n--b--\n"
        )
    };
    let report = told(&mail("displayed"));
    assert_eq!(report.message_id.as_deref(), Some("7@a.example"));
    assert_eq!(only(&report), ("lisi@example.com", Outcome::Read, Reason::Unknown));
    assert_eq!(only(&told(&mail("Deleted/error"))).1, Outcome::Deleted);
    assert_eq!(super::report(mail("dispatched").as_bytes()), None);
}

#[test]
fn bounces_in_chinese_words() {
    let report = told(
        "From: PostMaster@mail.example\nTo: zhangsan@a.example\nSubject: =?utf-8?B?57O757uf6YCA5L+h?=\n\
         Content-Type: text/html; charset=utf-8\n\n<p>您的邮件被退回：</p><table><tr><td>主题：周报</td></tr>\
         <tr><td>无法发送到 lisi@example.com</td></tr><tr><td>退信原因：收件人邮箱已满，请稍后再试</td></tr></table>\
         <p>如有疑问请联系 postmaster@mail.example</p>",
    );
    assert_eq!(report.subject, "周报");
    assert!(report.guessed);
    assert_eq!(
        only(&report),
        ("lisi@example.com", Outcome::Failed, Reason::MailboxFull)
    );
    let report = told(
        "From: Postmaster@corp.example\nTo: zhangsan@a.example\nSubject: Undelivered Mail / 退信通知\n\
         Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n\
         收件人邮件地址（wangwu@example.com）不存在，邮件无法送达。\nhost mx.example said: 550 Mailbox not found\n\
         --b\nContent-Type: message/rfc822\n\nMessage-ID: <5@a.example>\nSubject: hi\n\nx\n--b--\n",
    );
    assert_eq!(report.message_id.as_deref(), Some("5@a.example"));
    assert_eq!(
        only(&report),
        ("wangwu@example.com", Outcome::Failed, Reason::NoSuchUser)
    );
    assert!(report.fates[0].detail.contains("550 Mailbox not found"), "{report:?}");
}

#[test]
fn bounces_in_english_words_name_the_original_below_them() {
    let report = told(
        "From: Mail Delivery Subsystem <mailer-daemon@example.com>\nTo: me@a.example\n\
         X-Failed-Recipients: lisi@example.com\nSubject: Delivery Status Notification (Failure)\n\
         Content-Type: text/plain\n\nDelivery to the following recipient failed permanently:\n\n     lisi@example.com\n\n\
         Technical details:\nDNS Error: Domain name not found\n\n----- Original message -----\n\nReceived: by x\n\
         Message-ID: <9@a.example>\nSubject: Hi\nFrom: me@a.example\n\nHello other@example.com\n",
    );
    assert_eq!(
        (report.message_id.as_deref(), report.subject.as_str()),
        (Some("9@a.example"), "Hi")
    );
    assert_eq!(
        only(&report),
        ("lisi@example.com", Outcome::Failed, Reason::NoSuchDomain)
    );
}

#[test]
fn what_is_no_report_is_none() {
    for raw in [
        "From: lisi@example.com\nSubject: hi\n\nwangwu@example.com could not be delivered: 550\n",
        "From: mailer-daemon@example.com\nSubject: hello\n\nnobody is named here\n",
        "",
    ] {
        assert_eq!(report(raw.as_bytes()), None, "{raw}");
    }
    assert!(may_report(
        "lisi@example.com",
        "x",
        ["text/plain", "message/delivery-status"]
    ));
    assert!(!may_report(
        "lisi@example.com",
        "周报",
        ["text/plain", "message/rfc822"]
    ));
}
