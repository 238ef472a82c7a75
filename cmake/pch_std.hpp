// Precompiled headers of the folders without Asio: what nearly every file there includes anyway.
#pragma once
#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>
