//! macOS lets a person choose the mail program in Mail's own settings, and nowhere else.

use futures::{FutureExt, future::BoxFuture};

use crate::{Chosen, Error, MailProgram};

pub(super) struct OfMail;

impl MailProgram for OfMail {
    fn offer(&self) -> Result<(), Error> {
        Ok(())
    }

    fn choose(&self) -> BoxFuture<'_, Result<Chosen, Error>> {
        async { Err(Error::absent("mail program", "Mail's settings have it")) }.boxed()
    }
}
