// Embeddings and rerank documents of any provider: texts in, vectors out as the provider wrote them. Pure,
// any thread.
#pragma once

#include "providers/family/family.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::providers {

/// `input` as texts. Fails for token lists (only OpenAI's own models know them) and wrong types.
Result<std::vector<std::string>> embedding_texts(const Job& job);
/// The client asked for encoding_format base64.
bool wants_base64(const Call& call);
/// A JSON list of numbers as base64 text in quotes (little-endian float32), as OpenAI writes it. Numbers of
/// other lists are 0.
std::string vector_as_base64(std::string_view numbers);

/// Elements of a JSON array as written. The array is part of a scanned text.
std::vector<std::string_view> elements_of(std::string_view array);
/// A whole answer that is not an object, scanned: {"answer":<body>}. Both arguments must outlive what is read
/// of it.
Result<std::string_view> scan_any(std::string_view body, std::string& wrapped, ObjectScan& scan);

/// `documents` of a rerank request as texts: strings, or objects' `text` (else their JSON).
Result<std::vector<std::string>> rerank_texts(const Job& job);
/// Of a client's request: the document at `index` as {"text":..}, or as the object that it is; "" = not
/// there.
std::string rerank_document(const Call& call, std::int64_t index);
bool wants_documents(const Call& call);

} // namespace switchyard::providers
