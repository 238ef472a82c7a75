// Precompiled headers of src/http and its tests: the heavy, never-changing part.
#pragma once
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>
