//! Looking for words in the opened mail.

class FindView {
  open = $state(false);
  words = $state('');
}

export const findView = new FindView();
