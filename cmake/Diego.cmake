# diego_library, diego_test, diego_binary, and the arrows between layers.
#
# Every target of ours names its LAYER; a dependency that points the wrong way fails at configure
# time (diego_check_layers). The table below is the house's drawing of arrows: what each layer may
# depend on. See docs/adr/0003-layers-are-checked-at-configure-time.md.

set(DIEGO_MAY_USE_base       base EXT:absl)
set(DIEGO_MAY_USE_models     base models EXT:absl)
set(DIEGO_MAY_USE_lib        base models lib EXT:absl EXT:json EXT:openssl EXT:mysql EXT:sqlite EXT:prometheus EXT:curl EXT:re2)
set(DIEGO_MAY_USE_proto      proto EXT:protobuf EXT:grpc)
set(DIEGO_MAY_USE_wire       base models lib proto wire EXT:absl EXT:json EXT:protobuf)
set(DIEGO_MAY_USE_rpc        base models lib proto wire rpc EXT:absl EXT:grpc EXT:openssl EXT:boost)
set(DIEGO_MAY_USE_clients    base models lib proto wire rpc clients EXT:absl EXT:grpc)
set(DIEGO_MAY_USE_leadership base models lib clients EXT:absl)
# The pure cores: values in, values out.
set(DIEGO_MAY_USE_core       base models core EXT:absl)
set(DIEGO_MAY_USE_engine     base models lib core engine EXT:absl)
set(DIEGO_MAY_USE_store      base models lib proto wire core engine store EXT:absl)
set(DIEGO_MAY_USE_api        base models lib proto wire rpc clients core engine api EXT:absl EXT:grpc)
set(DIEGO_MAY_USE_effects    base models lib proto wire rpc clients core engine effects
    EXT:absl EXT:grpc EXT:json EXT:nats EXT:curl EXT:archive EXT:openssl)
set(DIEGO_MAY_USE_server     base models lib proto wire rpc clients leadership core engine store api effects server
    EXT:absl EXT:grpc EXT:json EXT:nats EXT:curl EXT:openssl)
set(DIEGO_MAY_USE_main       base models lib server EXT:absl)
# Whole programs for operators and developers, and everything that tests from outside.
set(DIEGO_MAY_USE_tool       base models lib proto wire rpc clients leadership core engine store api effects server tool
    EXT:absl EXT:grpc EXT:json EXT:nats EXT:curl EXT:archive EXT:openssl EXT:protobuf EXT:sqlite EXT:mysql)

set_property(GLOBAL PROPERTY DIEGO_TARGETS "")

# Precompiled headers: most of a compile is reading the same headers again. What a target depends on
# chooses: `messages` for code that sees gRPC or protobuf, `base` for the rest; tests the same with
# Catch2 (`_test`). Libraries that call or serve our gRPC services ask for `services` by SERVICES:
# the generated stubs alone cost every source six seconds, and two where they are precompiled and
# not used. Sources still include what they use: the `tidy` preset reads them without any of this.
set(pch_base
  <absl/container/flat_hash_map.h> <absl/container/flat_hash_set.h> <absl/functional/any_invocable.h>
  <absl/functional/function_ref.h> <absl/status/statusor.h> <absl/strings/cord.h>
  <absl/strings/str_cat.h> <absl/strings/str_format.h> <absl/strings/str_join.h>
  <absl/strings/str_split.h> <absl/time/time.h> <absl/types/span.h>
  <algorithm> <array> <atomic> <deque> <filesystem> <functional> <map> <memory> <optional> <set>
  <sstream> <string> <variant> <vector>)
set(pch_protobuf
  <google/protobuf/extension_set.h> <google/protobuf/generated_message_reflection.h>
  <google/protobuf/map_entry.h> <google/protobuf/map_field_inl.h> <google/protobuf/message.h>
  <google/protobuf/reflection_ops.h> <google/protobuf/wire_format.h>)
set(pch_messages
  ${pch_base} <grpcpp/grpcpp.h>
  <proto/diego/auctioneer.pb.h> <proto/diego/bbs.pb.h> <proto/diego/cell.pb.h> <proto/models/locket.pb.h>)
set(pch_services
  ${pch_messages} <proto/diego/auctioneer.grpc.pb.h> <proto/diego/bbs.grpc.pb.h>
  <proto/diego/cell.grpc.pb.h> <proto/models/locket.grpc.pb.h>)

# _diego_pch(NAME n HEADERS … DEPS …): the object library diego_pch_<n> that others reuse.
function(_diego_pch)
  cmake_parse_arguments(A "" "NAME" "HEADERS;DEPS" ${ARGN})
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/pch/${A_NAME}.cc CONTENT "")
  add_library(diego_pch_${A_NAME} OBJECT ${CMAKE_BINARY_DIR}/pch/${A_NAME}.cc)
  target_link_libraries(diego_pch_${A_NAME} PRIVATE ${A_DEPS} diego_absl)
  target_include_directories(diego_pch_${A_NAME} PRIVATE ${CMAKE_BINARY_DIR}/gen)
  target_compile_options(diego_pch_${A_NAME} PRIVATE ${DIEGO_WARNINGS})
  if(A_NAME MATCHES "_test$")
    target_compile_options(diego_pch_${A_NAME} PRIVATE ${DIEGO_TEST_OPTIONS})
  endif()
  target_precompile_headers(diego_pch_${A_NAME} PRIVATE ${A_HEADERS})
endfunction()
_diego_pch(NAME protobuf HEADERS ${pch_protobuf} DEPS diego_protobuf)
_diego_pch(NAME base HEADERS ${pch_base})
_diego_pch(NAME base_test HEADERS <catch2/catch.hpp> ${pch_base} DEPS Catch2::Catch2)
_diego_pch(NAME messages HEADERS ${pch_messages} DEPS diego_grpc)
_diego_pch(NAME messages_test HEADERS <catch2/catch.hpp> ${pch_messages} DEPS diego_grpc Catch2::Catch2)
_diego_pch(NAME services HEADERS ${pch_services} DEPS diego_grpc)
foreach(pch IN ITEMS messages messages_test services)
  add_dependencies(diego_pch_${pch} diego_proto_models_generated diego_proto_diego_generated)
endforeach()

# Whether any of `deps` brings gRPC or protobuf into a program.
function(_diego_runs_grpc out deps)
  set(${out} FALSE PARENT_SCOPE)
  foreach(dep IN LISTS deps)
    if(NOT TARGET ${dep})
      continue()
    endif()
    get_target_property(layer ${dep} DIEGO_LAYER)
    get_target_property(inner ${dep} DIEGO_DEPS)
    if(dep STREQUAL diego_grpc OR layer MATCHES "^(proto|wire|rpc|clients)$")
      set(${out} TRUE PARENT_SCOPE)
      return()
    endif()
    if(inner)
      _diego_runs_grpc(found "${inner}")
      if(found)
        set(${out} TRUE PARENT_SCOPE)
        return()
      endif()
    endif()
  endforeach()
endfunction()

# `pch`: the precompiled header, or "" for what the dependencies say; `tests`: "" or "_test".
function(_diego_setup target layer service pch tests deps)
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/gen)
  target_compile_options(${target} PRIVATE ${DIEGO_WARNINGS})
  target_link_libraries(${target} PUBLIC ${deps})
  if(NOT pch)
    _diego_runs_grpc(runs_grpc "${deps}")
    set(pch base)
    if(runs_grpc)
      set(pch messages)
    endif()
  endif()
  target_precompile_headers(${target} REUSE_FROM diego_pch_${pch}${tests})
  set_target_properties(${target} PROPERTIES DIEGO_LAYER "${layer}" DIEGO_SERVICE "${service}"
                        DIEGO_DEPS "${deps}")
  set_property(GLOBAL APPEND PROPERTY DIEGO_TARGETS ${target})
endfunction()

# The service a target belongs to, by its folder: services/bbs/core -> bbs; libs -> "".
function(_diego_service out)
  file(RELATIVE_PATH rel ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  set(${out} "" PARENT_SCOPE)
  if(rel MATCHES "^services/([^/]+)")
    set(${out} ${CMAKE_MATCH_1} PARENT_SCOPE)
  endif()
endfunction()

# diego_library(NAME diego_bbs_core LAYER core [SERVICES] SRCS a.cc b.cc DEPS diego_models)
function(diego_library)
  cmake_parse_arguments(A "SERVICES" "NAME;LAYER" "SRCS;DEPS" ${ARGN})
  _diego_service(service)
  list(APPEND A_DEPS diego_absl)
  set(pch "")
  if(A_SERVICES)
    set(pch services)
  endif()
  add_library(${A_NAME} STATIC ${A_SRCS})
  _diego_setup(${A_NAME} ${A_LAYER} "${service}" "${pch}" "" "${A_DEPS}")
endfunction()

# What the sanitizer presets build and run: under asan every unit test; under tsan those that do not
# bring in gRPC or protobuf: Debian's are not instrumented, report races that are none, and lay out
# objects differently under tsan.
add_custom_target(diego_unit_tests)
add_custom_target(diego_tsan_tests)

# diego_test(NAME bbs_core_test SRCS a_test.cc DEPS diego_bbs_core [LABELS unit] [TIMEOUT 60]
#            [ARGS ...] [STORES])
# One binary a folder; its main comes from libs/testing. Labels: unit (default), integration; grpc
# is added to those that run it. STORES: the binary runs over each database there is, on MariaDB as
# NAME_mariadb and labelled integration (libs/testing/test_databases.h).
function(diego_test)
  cmake_parse_arguments(A "STORES" "NAME;LABELS;TIMEOUT" "SRCS;DEPS;ARGS" ${ARGN})
  _diego_service(service)
  if(NOT A_LABELS)
    set(A_LABELS unit)
  endif()
  if(NOT A_TIMEOUT)
    set(A_TIMEOUT 120)
  endif()
  add_executable(${A_NAME} ${A_SRCS})
  list(APPEND A_DEPS diego_testing_main diego_absl)
  _diego_setup(${A_NAME} test "${service}" "" _test "${A_DEPS}")
  target_compile_options(${A_NAME} PRIVATE ${DIEGO_TEST_OPTIONS})
  _diego_runs_grpc(runs_grpc "${A_DEPS}")
  if("unit" IN_LIST A_LABELS)
    add_dependencies(diego_unit_tests ${A_NAME})
    if(NOT runs_grpc)
      add_dependencies(diego_tsan_tests ${A_NAME})
    endif()
  endif()
  set(grpc "")
  if(runs_grpc)
    set(grpc grpc)
  endif()
  set(environment
    TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tools/tsan.supp
    ASAN_OPTIONS=detect_odr_violation=0
    LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tools/lsan.supp)
  set(no_mariadb "")
  if(A_STORES)
    set(no_mariadb "~[mariadb]")
    add_test(NAME ${A_NAME}_mariadb COMMAND ${A_NAME} ${A_ARGS} "~[sqlite]")
    set_tests_properties(${A_NAME}_mariadb PROPERTIES LABELS "integration;${grpc}"
      TIMEOUT ${A_TIMEOUT} ENVIRONMENT "DIEGO_TEST_STORE=mariadb;${environment}")
  endif()
  add_test(NAME ${A_NAME} COMMAND ${A_NAME} ${A_ARGS} ${no_mariadb})
  set_tests_properties(${A_NAME} PROPERTIES LABELS "${A_LABELS};${grpc}" TIMEOUT ${A_TIMEOUT}
    ENVIRONMENT "${environment}")
endfunction()

# diego_binary(NAME bbs LAYER main SRCS main.cc DEPS diego_bbs_server)  -> build/<preset>/bin/bbs
function(diego_binary)
  cmake_parse_arguments(A "" "NAME;LAYER" "SRCS;DEPS" ${ARGN})
  _diego_service(service)
  list(APPEND A_DEPS diego_absl)
  add_executable(${A_NAME} ${A_SRCS})
  set_target_properties(${A_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  _diego_setup(${A_NAME} ${A_LAYER} "${service}" "" "" "${A_DEPS}")
endfunction()

function(_diego_check_one target)
  get_target_property(layer ${target} DIEGO_LAYER)
  get_target_property(service ${target} DIEGO_SERVICE)
  get_target_property(deps ${target} DIEGO_DEPS)
  if(layer STREQUAL "test")
    return()
  endif()
  if(NOT DEFINED DIEGO_MAY_USE_${layer})
    message(FATAL_ERROR "${target}: unknown LAYER '${layer}' (see cmake/Diego.cmake)")
  endif()
  foreach(dep IN LISTS deps)
    if(NOT TARGET ${dep})
      message(FATAL_ERROR "${target}: DEPS names '${dep}', which is not a target")
    endif()
    get_target_property(dep_layer ${dep} DIEGO_LAYER)
    if(NOT dep_layer)
      string(REGEX REPLACE "^diego_" "EXT:" dep_layer ${dep})
      set(dep_service "")
    else()
      get_target_property(dep_service ${dep} DIEGO_SERVICE)
    endif()
    if(NOT dep_layer IN_LIST DIEGO_MAY_USE_${layer})
      message(FATAL_ERROR "${target} (layer ${layer}) may not depend on ${dep} (layer ${dep_layer}); "
                          "allowed: ${DIEGO_MAY_USE_${layer}}")
    endif()
    if(service AND dep_service AND NOT service STREQUAL dep_service AND NOT layer STREQUAL "tool")
      message(FATAL_ERROR "${target} (service ${service}) may not depend on ${dep} (service ${dep_service}): "
                          "services meet in proto")
    endif()
  endforeach()
endfunction()

function(diego_check_layers)
  get_property(targets GLOBAL PROPERTY DIEGO_TARGETS)
  foreach(target IN LISTS targets)
    _diego_check_one(${target})
  endforeach()
endfunction()
