// Precompiled headers of src/http and its tests: the heavy part.
#pragma once
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

// Our own widest contracts: whoever changes one of them compiles all of http anyway.
#include <switchyard/graph.hpp>
#include <switchyard/plane.hpp>
#include <switchyard/provider.hpp>
#include <switchyard/serving.hpp>
