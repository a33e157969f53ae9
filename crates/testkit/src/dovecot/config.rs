//! The configuration file that Dovecot 2.3 is started with.
use std::fmt::Write as _;
use std::path::Path;

use super::{Options, Ports};
use crate::account::Account;

/// What Debian's 2.3.19 announces after login, in its own order. Announcing less is how a test makes the engine do
/// without; the commands themselves stay.
const CAPABILITIES: &str = "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES \
     THREAD=REFS THREAD=ORDEREDSUBJECT MULTIAPPEND URL-PARTIAL CATENATE UNSELECT CHILDREN NAMESPACE UIDPLUS \
     LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS BINARY \
     MOVE SNIPPET=FUZZY PREVIEW=FUZZY PREVIEW STATUS=SIZE SAVEDATE LITERAL+ NOTIFY SPECIAL-USE COMPRESS=DEFLATE";

/// Folder, attribute.
const FOLDERS: [(&str, &str); 5] = [
    ("已发送", "\\Sent"),
    ("草稿箱", "\\Drafts"),
    ("已删除", "\\Trash"),
    ("垃圾邮件", "\\Junk"),
    ("归档", "\\Archive"),
];

pub(super) fn capabilities(options: &Options) -> String {
    CAPABILITIES
        .split_ascii_whitespace()
        .filter(|word| options.compress || *word != "COMPRESS=DEFLATE")
        .filter(|word| {
            !options
                .drop_capabilities
                .iter()
                .any(|dropped| dropped.eq_ignore_ascii_case(word))
        })
        .collect::<Vec<_>>()
        .join(" ")
}

pub(super) fn write(options: &Options, root: &Path, ports: &Ports, account: &Account, relay: u16) -> String {
    let root = root.display();
    let Account { user, group, .. } = account;
    let ssl = if options.tls { "yes" } else { "no" };
    let mut text = format!(
        "base_dir = {root}/run
state_dir = {root}/state
instance_name = qiyou-test
log_path = /dev/stderr
protocols = imap lmtp submission
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
default_vsz_limit = 0
default_process_limit = 200
default_client_limit = 1000
first_valid_uid = 1
first_valid_gid = 0
mail_uid = {user}
mail_gid = {group}
mail_location = maildir:~/Maildir
mail_fsync = never
mail_max_userip_connections = {connections}
mail_plugins = zlib
mailbox_list_index = yes
hostname = localhost
auth_mechanisms = plain login
auth_failure_delay = 0
auth_verbose = no
disable_plaintext_auth = no
ssl = {ssl}
passdb {{
  driver = passwd-file
  args = {root}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={root}/mail/%u
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
submission_relay_ssl = no
submission_relay_trusted = no
",
        connections = options.max_connections_per_user,
        lmtp = ports.lmtp,
    );
    if options.tls {
        let _ = write!(text, "ssl_cert = <{root}/cert.pem\nssl_key = <{root}/key.pem\n");
    }
    for (service, name, plain, tls) in [
        ("imap-login", "imap", ports.imap, ports.imaps),
        ("submission-login", "submission", ports.submission, ports.submissions),
    ] {
        let tls = if options.tls { tls } else { 0 };
        let _ = write!(
            text,
            "service {service} {{\n  chroot =\n  inet_listener {name} {{\n    port = {plain}\n  }}\n  inet_listener {name}s {{\n    port = {tls}\n    ssl = yes\n  }}\n}}\n",
        );
    }
    let _ = write!(
        text,
        "protocol imap {{\n  mail_plugins = zlib{}\n  imap_capability = {}\n}}\n",
        if options.compress { " imap_zlib" } else { "" },
        capabilities(options)
    );
    let _ = write!(text, "namespace inbox {{\n  inbox = yes\n  separator = /\n  prefix =\n");
    if options.special_folders {
        for (name, attribute) in FOLDERS {
            let _ = write!(
                text,
                "  mailbox {name} {{\n    auto = subscribe\n    special_use = {attribute}\n  }}\n"
            );
        }
    }
    for name in &options.folders {
        let _ = write!(text, "  mailbox \"{name}\" {{\n    auto = subscribe\n  }}\n");
    }
    text.push_str("}\n");
    if !options.public_folders.is_empty() {
        let _ = write!(
            text,
            "namespace public {{\n  type = public\n  separator = /\n  prefix = 公共/\n  location = maildir:{root}/public\n  subscriptions = no\n  list = yes\n",
        );
        for name in &options.public_folders {
            let _ = write!(text, "  mailbox \"{name}\" {{\n    auto = create\n  }}\n");
        }
        text.push_str("}\n");
    }
    text
}
