# Compiler flags, sanitizers and ccache; the same for every target.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
find_program(CCACHE ccache)
if(CCACHE)
  # The two sloppiness options let ccache work together with precompiled headers.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1") # the optimiser is a third of the time to compile, and finds nothing
add_compile_options(-Wall -Wextra -Wno-missing-field-initializers -fno-plt)
# Coroutine frames come from operator new, which the allocator serves four times faster than aligned_alloc.
add_compile_definitions(BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE
  BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC BOOST_ASIO_DISABLE_BOOST_ALIGN BOOST_BEAST_USE_STD_STRING_VIEW)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fcoroutines -fpch-preprocess)
  # GCC 12 takes the coroutine frame's own operator delete for a foreign one.
  add_compile_options(-Wno-mismatched-new-delete)
endif()
if(SWITCHYARD_SANITIZE)
  add_compile_options(-fsanitize=${SWITCHYARD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  # CAF's headers form null references in init_fun_factory.hpp.
  # So would these three, at a quarter of the compile time; they find nothing that ASan or a wrong result would not.
  add_compile_options(-fno-sanitize=null -fno-sanitize=alignment,object-size,vptr)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options(-fno-sanitize=function) # clang 14 cannot link it together with coroutines
  endif()
  string(REPLACE "fuzzer-no-link," "" link_sanitize "${SWITCHYARD_SANITIZE}")
  add_link_options(-fsanitize=${link_sanitize})
endif()
if(NOT SWITCHYARD_SANITIZE)
  add_compile_options(-ffunction-sections -fdata-sections) # so that the linker can leave out what nobody calls
  add_link_options(LINKER:--gc-sections)
endif()
