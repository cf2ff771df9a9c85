file(GLOB_RECURSE sources *.cpp)
