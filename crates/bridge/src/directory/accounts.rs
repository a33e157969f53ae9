//! The mail platform's accounts: from NetEase, or from a table that the admin exports.

use std::path::Path;

use anyhow::{Context as _, ensure};
use qiyou_netease::Status;

use crate::config::AccountSource;
use crate::db::directory::AccountRow;
use crate::serve::{Bridge, is_ours};

/// The longest table, in bytes.
const LONGEST: u64 = 64 * 1024 * 1024;

/// Every account that is in use; nothing where the configuration names no place to read them from.
pub async fn read(bridge: &Bridge) -> anyhow::Result<Vec<AccountRow>> {
    let Some(accounts) = &bridge.config.accounts else {
        return Ok(Vec::new());
    };
    let rows = match &accounts.source {
        AccountSource::Netease => {
            let netease = bridge
                .netease
                .as_ref()
                .context("accounts.source is netease, and [netease] is not there")?;
            netease
                .accounts()
                .await
                .context("read the accounts of NetEase")?
                .into_iter()
                .filter(|account| matches!(account.status, Status::Normal | Status::Unknown))
                .map(|account| AccountRow {
                    address: account.address(),
                    job: account.job_number.unwrap_or_default().trim().to_owned(),
                    name: account.nickname,
                })
                .collect()
        }
        AccountSource::Csv(path) => {
            let path = bridge.config.folder.join(path);
            tokio::task::spawn_blocking(move || table(&path)).await??
        }
    };
    let mut ours: Vec<AccountRow> = rows
        .into_iter()
        .filter(|row| is_ours(&bridge.config, &row.address))
        .collect();
    ours.sort_by(|a, b| a.address.cmp(&b.address));
    ours.dedup_by(|a, b| a.address == b.address);
    Ok(ours)
}

/// Columns of the table: what they are called, and may be called.
const ADDRESS: &[&str] = &["address", "email", "mail", "邮箱", "邮箱地址", "邮件地址"];
const KEY: &[&str] = &["key", "job_number", "工号", "员工号"];
const NAME: &[&str] = &["name", "姓名"];

/// A CSV in UTF-8 or GB18030 with a head line.
fn table(path: &Path) -> anyhow::Result<Vec<AccountRow>> {
    let shown = path.display();
    let size = std::fs::metadata(path).with_context(|| format!("read {shown}"))?.len();
    ensure!(size <= LONGEST, "{shown} has {size} bytes; {LONGEST} are the most");
    let bytes = std::fs::read(path).with_context(|| format!("read {shown}"))?;
    rows(&bytes).with_context(|| format!("in {shown}"))
}

fn rows(bytes: &[u8]) -> anyhow::Result<Vec<AccountRow>> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').into(),
        Err(_) => encoding_rs::GB18030.decode(bytes).0,
    };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let head = reader.headers().context("the head line")?.clone();
    let column = |names: &[&str]| {
        head.iter()
            .position(|title| names.contains(&title.to_lowercase().as_str()))
    };
    let address = column(ADDRESS).context("no column is called address (邮箱)")?;
    let key = column(KEY).context("no column is called key (工号)")?;
    let name = column(NAME);
    let mut all = Vec::new();
    for record in reader.records() {
        let record = record.context("a line")?;
        let field = |at: usize| record.get(at).unwrap_or_default().to_owned();
        all.push(AccountRow {
            address: field(address).to_lowercase(),
            job: field(key),
            name: name.map(field).unwrap_or_default(),
        });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_in_both_encodings_with_its_columns_in_any_order() {
        let text = "姓名,工号,邮箱\n张三,E1001,ZhangSan@example.cn\n李四,,lisi@example.cn\n";
        let (gbk, _, _) = encoding_rs::GB18030.encode(text);
        for bytes in [text.as_bytes(), &gbk, format!("\u{feff}{text}").as_bytes()] {
            let rows = rows(bytes).unwrap();
            assert_eq!(rows.len(), 2);
            assert_eq!(
                rows[0],
                AccountRow {
                    address: "zhangsan@example.cn".into(),
                    job: "E1001".into(),
                    name: "张三".into()
                }
            );
        }
    }

    #[test]
    fn a_table_without_its_columns_is_refused_with_their_names() {
        let error = rows(b"name,phone\na,1\n").unwrap_err().to_string();
        assert!(error.contains("address"), "{error}");
    }
}
