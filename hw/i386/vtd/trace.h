#include "trace/trace-hw_i386_vtd.h"
