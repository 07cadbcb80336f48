#include "trace/trace-hw_misc_passthrough_testdev.h"
