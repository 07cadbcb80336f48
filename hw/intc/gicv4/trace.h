#include "trace/trace-hw_intc_gicv4.h"
