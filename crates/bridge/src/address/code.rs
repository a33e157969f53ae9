//! A code is mailed to the address and comes back from the app: who reads the mailbox is who asks.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use qiyou_bridge_api::{ClaimAddress, CodeMailed, MAILED_CODE_LIFE, MailedCode, Member, Proof, Refusal};
use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;

use super::{claimed, told};
use crate::db::proofs;
use crate::keys::random_digits;
use crate::mailer::{Handed, Letter};
use crate::serve::{Bridge, Caller, Problem};
use crate::session;

/// `POST /api/address/code`: mails one. The answer is the same whether there is such a mailbox or not.
#[utoipa::path(
    post,
    path = "/api/address/code",
    operation_id = "mail_code",
    request_body = ClaimAddress,
    responses((status = 200, description = "If there is such a mailbox, the code is on its way.", body = CodeMailed)),
    security(("session" = []))
)]
pub async fn mail(
    State(bridge): State<Arc<Bridge>>,
    Caller(caller): Caller,
    claim: Result<Json<ClaimAddress>, JsonRejection>,
) -> Result<Json<CodeMailed>, Problem> {
    let Json(claim) = claim?;
    let mailer = bridge.mailer.as_ref();
    let mailer = mailer.ok_or_else(|| Problem::with(Refusal::WayClosed, "the bridge has no mailer"))?;
    let (member, address) = claimed(&bridge, &caller, &claim).await?;
    let (digits, now) = (random_digits(), bridge.clock.now());
    let userid = member.userid.as_str();
    let seal = bridge.keys.code_seal(userid, &address, now, &digits);
    let id = match bridge.db.begin_mailing(userid, &address, &seal, now).await? {
        Ok(id) => id,
        Err(seconds) => {
            bridge.metrics.proof("code", "too_many");
            return Err(Problem::too_many(seconds));
        }
    };
    let letter = Letter {
        to: &address,
        company: &bridge.config.company,
        member: if member.name.is_empty() { userid } else { &member.name },
        device: &caller.device.name,
        digits: &digits,
        now,
    };
    match mailer.send(&letter).await {
        Ok(Handed::Taken) => bridge.metrics.proof("code", "mailed"),
        Ok(Handed::Refused(code)) => {
            // The member is told nothing else: whether there is such a mailbox is nobody's to find out here.
            tracing::warn!(target: "bridge", code, "the mail server took a mail with a code for nobody");
            bridge.metrics.proof("code", "refused");
        }
        Err(error) => {
            tracing::warn!(target: "bridge", %error, "a mail with a code could not be handed in (qiyou-bridge check)");
            bridge.metrics.proof("code", "not_mailed");
            bridge.db.forget_mailing(&id, userid, &seal).await?;
            return Err(Problem::with(Refusal::Mailer, error.to_string()));
        }
    }
    Ok(Json(CodeMailed {
        expires_in: MAILED_CODE_LIFE,
    }))
}

/// `POST /api/address/code/redeem`: five guesses, each counted before the next is looked at.
#[utoipa::path(
    post,
    path = "/api/address/code/redeem",
    operation_id = "redeem_code",
    request_body = MailedCode,
    responses((status = 200, description = "It is the code: the member, with the address.", body = Member)),
    security(("session" = []))
)]
pub async fn redeem(
    State(bridge): State<Arc<Bridge>>,
    Caller(caller): Caller,
    code: Result<Json<MailedCode>, JsonRejection>,
) -> Result<Json<Member>, Problem> {
    let Json(MailedCode { code }) = code?;
    let gone = || Problem::new(Refusal::CodeGone);
    let (userid, now) = (caller.userid.as_str(), bridge.clock.now());
    let is_open = |row: &proofs::CodeRow| row.is_open(now);
    // Who is waited for with nothing holds nobody up.
    let waits = bridge.db.mailed_code(userid).await?;
    waits.filter(is_open).ok_or_else(gone)?;
    let member = session::row(&bridge, userid).await?;
    if session::proven(&bridge, &member).await?.is_some() {
        return Err(Problem::with(Refusal::WayClosed, "an address is proven already"));
    }
    let digits: String = code
        .expose_secret()
        .chars()
        .filter(char::is_ascii_digit)
        .take(7)
        .collect();
    let mut transaction = bridge.db.begin().await?;
    proofs::proofs_turn(&mut transaction).await?;
    let row = proofs::held_code(&mut transaction, userid).await?;
    let row = row.filter(is_open).ok_or_else(gone)?;
    let given = bridge.keys.code_seal(userid, &row.address, row.mailed, &digits);
    let fits: bool = given.as_bytes().ct_eq(row.seal.as_bytes()).into();
    if !fits {
        proofs::missed_code(&mut transaction, userid).await?;
        transaction.commit().await?;
        bridge.metrics.proof("code", "wrong");
        return Err(Problem::new(Refusal::Code));
    }
    let proven = proofs::prove_free(&mut transaction, userid, &row.address, Proof::Code, now).await?;
    proofs::used_code(&mut transaction, userid).await?;
    transaction.commit().await?;
    told(&bridge, userid, "code", &proven)?;
    Ok(Json(session::member(&bridge, userid).await?))
}
