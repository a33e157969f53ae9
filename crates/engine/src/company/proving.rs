//! A mail address that nothing proves yet: the bridge asks WeCom, mails a code, or asks the admin.

use qiyou_api::{ApiError, Company, CompanyCodeMailed, ErrorCode};
use qiyou_bridge_api::Member;
use qiyou_signin::bridge::Bridge;
use secrecy::SecretString;

use super::keep;
use crate::engine::Engine;

impl Engine {
    /// What came of it. Where the answer may have been lost on the line, or another device was faster, what the bridge says
    /// of the member tells.
    async fn proved(&self, said: Result<Member, ApiError>) -> Result<Company, ApiError> {
        let error = match said {
            Ok(member) => return keep::learnt(&self.inner, &member).await,
            Err(error) => error,
        };
        let unsure = [ErrorCode::BridgeAway, ErrorCode::MailedCodeOver, ErrorCode::WayClosed];
        if unsure.contains(&error.code) && keep::refresh(&self.inner).await.is_ok() {
            let company = keep::kept(&self.inner).await?.company;
            if company.member.address.is_some() {
                return Ok(company);
            }
        }
        Err(error)
    }

    /// Proves an address by asking WeCom whose it is.
    pub async fn company_look_address_up(&self, address: &str) -> Result<Company, ApiError> {
        let ask = |bridge: Bridge, token: SecretString| async move { bridge.look_address_up(&token, address).await };
        let said = keep::call(&self.inner, ask).await;
        self.proved(said).await
    }

    /// Has a code mailed to an address.
    pub async fn company_mail_code(&self, address: &str) -> Result<CompanyCodeMailed, ApiError> {
        let ask = |bridge: Bridge, token: SecretString| async move { bridge.mail_code(&token, address).await };
        let mailed = keep::call(&self.inner, ask).await?;
        Ok(CompanyCodeMailed {
            expires_in: mailed.expires_in,
        })
    }

    /// Proves an address by the code that was mailed to it.
    pub async fn company_redeem_code(&self, code: SecretString) -> Result<Company, ApiError> {
        let ask = |bridge: Bridge, token: SecretString| {
            let code = code.clone();
            async move { bridge.redeem_code(&token, code).await }
        };
        let said = keep::call(&self.inner, ask).await.map_err(|mut error| {
            // The digits of the browser's page are others, and so are the words.
            if error.code == ErrorCode::WrongCode {
                error.code = ErrorCode::WrongMailedCode;
            }
            error
        });
        self.proved(said).await
    }

    /// Asks the admin to confirm an address.
    pub async fn company_ask_admin(&self, address: &str) -> Result<Company, ApiError> {
        let ask = |bridge: Bridge, token: SecretString| async move { bridge.ask_admin(&token, address).await };
        let said = keep::call(&self.inner, ask).await;
        self.proved(said).await
    }

    /// Asks the admin no more, or has read their no.
    pub async fn company_ask_admin_no_more(&self) -> Result<Company, ApiError> {
        let ask = |bridge: Bridge, token: SecretString| async move {
            bridge.ask_admin_no_more(&token).await?;
            bridge.member(&token).await
        };
        let member = keep::call(&self.inner, ask).await?;
        keep::learnt(&self.inner, &member).await
    }
}
