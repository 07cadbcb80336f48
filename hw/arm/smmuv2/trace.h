#include "trace/trace-hw_arm_smmuv2.h"
