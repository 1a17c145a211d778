#include "textflag.h"

// func scaleBytes16(dst *float32, src *uint8, n int, factor float32)
// Sixteen bytes a turn: widened to words, to doublewords, converted, multiplied.
TEXT ·scaleBytes16(SB), NOSPLIT, $0-28
	MOVQ   dst+0(FP), DI
	MOVQ   src+8(FP), SI
	MOVQ   n+16(FP), CX
	MOVSS  factor+24(FP), X7
	SHUFPS $0, X7, X7
	PXOR   X6, X6
	SHRQ   $4, CX

loop:
	MOVOU     (SI), X0
	MOVO      X0, X2
	PUNPCKLBW X6, X0
	PUNPCKHBW X6, X2
	MOVO      X0, X1
	MOVO      X2, X3
	PUNPCKLWL X6, X0
	PUNPCKHWL X6, X1
	PUNPCKLWL X6, X2
	PUNPCKHWL X6, X3
	CVTPL2PS  X0, X0
	CVTPL2PS  X1, X1
	CVTPL2PS  X2, X2
	CVTPL2PS  X3, X3
	MULPS     X7, X0
	MULPS     X7, X1
	MULPS     X7, X2
	MULPS     X7, X3
	MOVUPS    X0, (DI)
	MOVUPS    X1, 16(DI)
	MOVUPS    X2, 32(DI)
	MOVUPS    X3, 48(DI)
	ADDQ      $16, SI
	ADDQ      $64, DI
	DECQ      CX
	JNZ       loop
	RET
