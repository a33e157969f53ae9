//! Whether to be quiet: what the shell says of the person's state.

use futures::{FutureExt, future::BoxFuture};
use windows::Win32::UI::Shell::{
    QUNS_APP, QUNS_BUSY, QUNS_PRESENTATION_MODE, QUNS_QUIET_TIME, QUNS_RUNNING_D3D_FULL_SCREEN,
    SHQueryUserNotificationState,
};

use crate::{Attention, AttentionNow};

pub(super) struct ShellAttention;

impl Attention for ShellAttention {
    fn now(&self) -> BoxFuture<'_, AttentionNow> {
        async {
            // SAFETY: takes nothing and gives a number.
            let Ok(state) = (unsafe { SHQueryUserNotificationState() }) else {
                return AttentionNow::default();
            };
            AttentionNow {
                fullscreen: [QUNS_BUSY, QUNS_RUNNING_D3D_FULL_SCREEN, QUNS_APP].contains(&state),
                do_not_disturb: state == QUNS_QUIET_TIME,
                // Projectors and screen sharing switch it on.
                screen_shared: state == QUNS_PRESENTATION_MODE,
            }
        }
        .boxed()
    }
}
