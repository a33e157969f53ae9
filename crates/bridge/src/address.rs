//! An address that nothing proves yet: WeCom is asked whose it is, a code is mailed to it, or the admin is asked. What
//! the member types only suggests; each of the three proves.

pub mod code;
pub mod lookup;
pub mod request;

use qiyou_bridge_api::{ClaimAddress, Proof, Refusal};

use crate::config::Config;
use crate::db::members::MemberRow;
use crate::db::proofs::Proven;
use crate::db::sessions::SessionRow;
use crate::serve::{Bridge, Problem, is_ours};
use crate::session;

/// The longest part before the `@` (RFC 5321 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

/// The address as it is kept, if it is one in the company's domains. Letters of ASCII alone stand before the `@` (the
/// atoms of RFC 5322 3.2.3): what looks like another's is then no address, and none can end a header or a command.
pub fn mailbox(config: &Config, typed: &str) -> Option<String> {
    let address = typed.trim().replace('＠', "@").to_ascii_lowercase();
    let (local, _) = address.rsplit_once('@')?;
    let atom = |part: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
        !part.is_empty() && part.chars().all(fits)
    };
    let good = local.len() <= LONGEST_LOCAL && local.split('.').all(atom);
    (good && is_ours(config, &address)).then_some(address)
}

/// Which ways are open to members without a proof.
pub async fn ways(bridge: &Bridge) -> Result<Vec<Proof>, Problem> {
    let mut open = Vec::with_capacity(3);
    if lookup::is_open(bridge).await? {
        open.push(Proof::Reverse);
    }
    if bridge.mailer.is_some() {
        open.push(Proof::Code);
    }
    open.push(Proof::Admin);
    Ok(open)
}

/// Who says that an address is theirs: a member without a proven one, of one that nobody else has.
async fn claimed(bridge: &Bridge, caller: &SessionRow, claim: &ClaimAddress) -> Result<(MemberRow, String), Problem> {
    let address = mailbox(&bridge.config, &claim.address).ok_or_else(|| Problem::new(Refusal::Domain))?;
    let member = session::row(bridge, &caller.userid).await?;
    if session::proven(bridge, &member).await?.is_some() {
        return Err(Problem::with(Refusal::WayClosed, "an address is proven already"));
    }
    match bridge.db.holder(&member.userid, &address).await? {
        Some(_) => Err(Problem::new(Refusal::Taken)),
        None => Ok((member, address)),
    }
}

/// What follows from a proof: counted, and the directory has it at once.
fn told(bridge: &Bridge, userid: &str, way: &'static str, proven: &Proven) -> Result<(), Problem> {
    if let Proven::Taken(_) = proven {
        bridge.metrics.proof(way, "taken");
        return Err(Problem::new(Refusal::Taken));
    }
    tracing::info!(target: "directory", userid, way, "an address was proven");
    bridge.metrics.proof(way, "proven");
    bridge.wake.notify_one();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TEMPLATE;

    #[test]
    fn only_a_plain_address_in_one_of_the_companys_own_domains_is_one() {
        let text = TEMPLATE.replace("[\"example.cn\"]", "[\"example.cn\", \"示例.cn\"]");
        let config = Config::parse(&text, "/nowhere".into()).unwrap();
        for (typed, kept) in [
            ("zhangsan@example.cn", "zhangsan@example.cn"),
            (" ZhangSan@EXAMPLE.CN\n", "zhangsan@example.cn"),
            ("zhangsan＠example.cn", "zhangsan@example.cn"),
            ("o'neil+a.b@example.cn", "o'neil+a.b@example.cn"),
            ("zhangsan@示例.cn", "zhangsan@示例.cn"),
        ] {
            assert_eq!(mailbox(&config, typed).as_deref(), Some(kept), "{typed}");
        }
        let long = format!("{}@example.cn", "a".repeat(65));
        for typed in [
            "",
            "zhangsan",
            "@example.cn",
            "zhangsan@",
            "zhangsan@example.com",
            "zhangsan@mail.example.cn",
            "zhangsan@example.cn.evil.example",
            "zhangsan@evilexample.cn",
            "zhangsan@example.cn.",
            // Letters that look like those of the domain, written as they are and as their name on the network.
            "zhangsan@ехample.cn",
            "zhangsan@xn--xample-9of.cn",
            "zhangsan@ｅxample.cn",
            // Another's name, as it looks.
            "zhangsаn@example.cn",
            "zhangsan\u{200b}@example.cn",
            "a@b@example.cn",
            "\"a b\"@example.cn",
            "zhang san@example.cn",
            "zhangsan>\r\nRCPT TO:<x@example.cn",
            "x\r\nBcc: y@example.cn",
            "a\0@example.cn",
            "a..b@example.cn",
            ".a@example.cn",
            "<script>@example.cn",
            long.as_str(),
        ] {
            assert_eq!(mailbox(&config, typed), None, "{typed:?}");
        }
    }
}
