// Package cpu says which instructions the assembly of graph/blas and graph/internal/vec may use: those that the processor has and the operating system keeps the
// registers of. Both ask here, so that they agree. GODEBUG=cpu.avx512f=off, or cpu.avx2=off, takes them away.
package cpu

import "golang.org/x/sys/cpu"

// AVX2 is AVX2 with FMA.
var AVX2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// AVX512 is AVX-512 as processors have it since Skylake-X and Zen 4: F, DQ, BW and VL, beside AVX2.
var AVX512 = AVX2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL
