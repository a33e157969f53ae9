//! Who brought the code (reference A4).

use serde_json::{Value, json};

use super::{Answer, Ask};
use crate::wecom::state::{CODE_LIFE, Credential, State, TICKET_LIFE, Ticket, secret};

pub(super) fn from_code(state: &mut State, ask: &Ask<'_>) -> Answer {
    redeem(state, ask).map(|(who, ticket)| match who {
        Ok(userid) => match ticket {
            Some(ticket) => json!({ "userid": userid, "user_ticket": ticket }),
            None => json!({ "userid": userid }),
        },
        Err(openid) => json!({ "openid": openid }),
    })
}

/// `user/getuserinfo`, which capitalises.
pub(super) fn from_code_as_of_old(state: &mut State, ask: &Ask<'_>) -> Answer {
    redeem(state, ask).map(|(who, ticket)| match who {
        Ok(userid) => {
            let mut answer = json!({ "UserId": userid, "DeviceId": "" });
            if let (Some(ticket), Some(answer)) = (ticket, answer.as_object_mut()) {
                answer.insert("user_ticket".to_owned(), ticket.into());
                answer.insert("expires_in".to_owned(), TICKET_LIFE.into());
            }
            answer
        }
        Err(openid) => json!({ "OpenId": openid, "DeviceId": "" }),
    })
}

/// The userid, or the openid of somebody who is no member; and the ticket.
type Redeemed = (Result<String, String>, Option<String>);

fn redeem(state: &mut State, ask: &Ask<'_>) -> Result<Redeemed, i64> {
    let Credential::App(agent) = ask.credential else {
        return Err(48002);
    };
    if ask.text("code").is_empty() {
        return Err(41008);
    }
    let (used, late) = (state.company.used_code, state.company.late_code);
    let code = state.codes.get_mut(ask.text("code")).ok_or(40029)?;
    if code.agent != agent {
        return Err(50001);
    }
    if code.used {
        return Err(used);
    }
    if ask.now.saturating_sub(code.issued) > CODE_LIFE {
        return Err(late);
    }
    code.used = true;
    let (who, private) = (code.who.clone(), code.private);
    let Some(member) = state.colleague(&who) else {
        return Ok((Err(format!("openid-{who}")), None));
    };
    if !member.in_scope {
        return Err(50002);
    }
    let userid = member.userid.clone();
    let ticket = private.then(|| {
        let ticket = secret("ticket");
        let ends = ask.now.saturating_add(TICKET_LIFE);
        let userid = userid.clone();
        state.tickets.insert(ticket.clone(), Ticket { userid, agent, ends });
        ticket
    });
    Ok((Ok(userid), ticket))
}

pub(super) fn detail(state: &mut State, ask: &Ask<'_>) -> Answer {
    let given = ask.field("user_ticket");
    if given.is_empty() {
        return Err(40063);
    }
    let ticket = state.tickets.get(given).ok_or(84015)?;
    if ask.credential != Credential::App(ticket.agent) {
        return Err(84015);
    }
    if ask.now > ticket.ends {
        return Err(84014);
    }
    let member = state.colleague(&ticket.userid).ok_or(60111)?;
    let told = |text: &str| -> Value {
        if state.company.sensitive {
            text.into()
        } else {
            "".into()
        }
    };
    Ok(json!({
        "userid": member.userid,
        "gender": if state.company.sensitive { "1" } else { "0" },
        "avatar": "",
        "qr_code": "",
        "mobile": told(&member.mobile),
        "email": told(&member.email),
        "biz_mail": told(&member.biz_mail),
        "address": "",
    }))
}
