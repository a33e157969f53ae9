//! Commands as clients write them (RFC 3501 section 9): words, strings, lists, sets of numbers.
use std::collections::VecDeque;

/// What the connection delivered: a stretch of a line, or a literal.
pub(super) enum Piece {
    Line(Vec<u8>),
    Literal(Vec<u8>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Unquoted. `BODY[HEADER.FIELDS (DATE)]<0.10>` is one word.
    Atom(String),
    /// Quoted or literal.
    Text(Vec<u8>),
    Open,
    Close,
}

/// The words of a command that are still to be read.
#[derive(Debug, Clone, Default)]
pub(super) struct Args(pub(super) VecDeque<Token>);

impl Args {
    pub(super) fn lex(pieces: &[Piece]) -> Option<Self> {
        let mut tokens = VecDeque::new();
        for piece in pieces {
            match piece {
                Piece::Literal(bytes) => tokens.push_back(Token::Text(bytes.clone())),
                Piece::Line(line) => lex_line(line, &mut tokens)?,
            }
        }
        Some(Self(tokens))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.0.front()
    }

    pub(super) fn token(&mut self) -> Option<Token> {
        self.0.pop_front()
    }

    /// An unquoted word in upper case.
    pub(super) fn word(&mut self) -> Option<String> {
        match self.0.pop_front()? {
            Token::Atom(word) => Some(word.to_ascii_uppercase()),
            _ => None,
        }
    }

    /// The same, if the next word is this one; else nothing is taken.
    pub(super) fn take_word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Atom(word)) if word.eq_ignore_ascii_case(wanted));
        if found {
            self.0.pop_front();
        }
        found
    }

    pub(super) fn bytes(&mut self) -> Option<Vec<u8>> {
        match self.0.pop_front()? {
            Token::Atom(word) => Some(word.into_bytes()),
            Token::Text(text) => Some(text),
            Token::Open | Token::Close => None,
        }
    }

    pub(super) fn string(&mut self) -> Option<String> {
        self.bytes().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The tokens between a parenthesis and its partner; a single token stands for a list of one.
    pub(super) fn list(&mut self) -> Option<Args> {
        let first = self.0.pop_front()?;
        if first != Token::Open {
            return (first != Token::Close).then(|| Args([first].into()));
        }
        let mut depth: usize = 1;
        let mut inside = VecDeque::new();
        loop {
            let token = self.0.pop_front()?;
            match token {
                Token::Open => depth = depth.saturating_add(1),
                Token::Close => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return Some(Args(inside));
            }
            inside.push_back(token);
        }
    }

    /// All that is left as words in upper case.
    pub(super) fn words(mut self) -> Vec<String> {
        std::iter::from_fn(|| self.string())
            .map(|word| word.to_ascii_uppercase())
            .collect()
    }
}

fn lex_line(line: &[u8], tokens: &mut VecDeque<Token>) -> Option<()> {
    let mut bytes = line.iter().copied().peekable();
    while let Some(&byte) = bytes.peek() {
        match byte {
            b' ' => drop(bytes.next()),
            b'(' => {
                bytes.next();
                tokens.push_back(Token::Open);
            }
            b')' => {
                bytes.next();
                tokens.push_back(Token::Close);
            }
            b'"' => {
                bytes.next();
                let mut text = Vec::new();
                loop {
                    match bytes.next()? {
                        b'"' => break,
                        b'\\' => text.push(bytes.next()?),
                        other => text.push(other),
                    }
                }
                tokens.push_back(Token::Text(text));
            }
            _ => {
                let mut word = Vec::new();
                let mut inside = false;
                while let Some(&byte) = bytes.peek() {
                    match byte {
                        b'[' => inside = true,
                        b']' => inside = false,
                        b' ' | b'(' | b')' | b'"' if !inside => break,
                        _ => {}
                    }
                    word.push(byte);
                    bytes.next();
                }
                tokens.push_back(Token::Atom(String::from_utf8_lossy(&word).into_owned()));
            }
        }
    }
    Some(())
}

/// A set of numbers; `None` stands for `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Set(Vec<(Option<u32>, Option<u32>)>);

impl Set {
    /// `1,3:5,7:*`; nothing for what is not a set.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let number = |word: &str| match word {
            "*" => Some(None),
            _ => word.parse().ok().filter(|number| *number > 0).map(Some),
        };
        let ranges = text.split(',').map(|range| match range.split_once(':') {
            Some((from, to)) => Some((number(from)?, number(to)?)),
            None => number(range).map(|one| (one, one)),
        });
        ranges.collect::<Option<Vec<_>>>().map(Self)
    }

    /// Whether the set holds `number` where `highest` is what `*` means. `9:*` holds the highest even if that is 3.
    pub(super) fn contains(&self, number: u32, highest: u32) -> bool {
        self.0.iter().any(|(from, to)| {
            let (from, to) = (from.unwrap_or(highest), to.unwrap_or(highest));
            (from.min(to)..=from.max(to)).contains(&number)
        })
    }

    /// A lone `*`, or a range written from high to low.
    pub(super) fn is_odd(&self) -> bool {
        self.0.iter().any(|(from, to)| match (from, to) {
            (None, _) => true,
            (Some(from), Some(to)) => from > to,
            (Some(_), None) => false,
        })
    }
}
