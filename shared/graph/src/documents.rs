//! Parsed documents, kept: apps send the same few texts again and again, and parsing costs more than most of what follows.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_graphql::parser::types::ExecutableDocument;

/// How many documents are kept at most.
const DOCUMENTS_MAX: usize = 128;
/// The longest text that is kept, in bytes.
const TEXT_BYTES_MAX: usize = 8 * 1024;

/// The documents that were valid, by their text.
#[derive(Default)]
pub(crate) struct Documents(Mutex<HashMap<String, ExecutableDocument>>);

impl Documents {
    /// The document of a text that was kept.
    pub(crate) fn find(&self, text: &str) -> Option<ExecutableDocument> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(text).cloned()
    }

    /// Keeps a document. When there are too many all are forgotten: who sends ever new texts gains nothing by this anyway.
    pub(crate) fn keep(&self, text: &str, document: ExecutableDocument) {
        if text.len() > TEXT_BYTES_MAX {
            return;
        }
        let mut documents = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if documents.len() >= DOCUMENTS_MAX {
            documents.clear();
        }
        documents.insert(text.to_owned(), document);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> ExecutableDocument {
        async_graphql::parser::parse_query("{ assets { code } }").unwrap()
    }

    #[test]
    fn a_kept_document_is_found_and_an_endless_stream_of_texts_is_not_kept() {
        let documents = Documents::default();
        documents.keep("a", document());
        assert!(documents.find("a").is_some());
        for number in 0..=DOCUMENTS_MAX {
            documents.keep(&number.to_string(), document());
        }
        assert!(documents.0.lock().unwrap().len() <= DOCUMENTS_MAX);
        documents.keep(&"x".repeat(TEXT_BYTES_MAX + 1), document());
        assert!(documents.find(&"x".repeat(TEXT_BYTES_MAX + 1)).is_none());
    }
}
