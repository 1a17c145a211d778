package vec

import "github.com/stheno-ml/stheno/graph/internal/cpu"

//go:generate go run -C gen . -isa avx2 -part activate -pkg vec -out ../activate_avx2_amd64.s -stubs ../activate_avx2_amd64.go
//go:generate go run -C gen . -isa avx2 -part gradient -pkg vec -out ../gradient_avx2_amd64.s -stubs ../gradient_avx2_amd64.go
//go:generate go run -C gen . -isa avx2 -part arith -pkg vec -out ../arith_avx2_amd64.s -stubs ../arith_avx2_amd64.go
//go:generate go run -C gen . -isa avx2 -part update -pkg vec -out ../update_avx2_amd64.s -stubs ../update_avx2_amd64.go
//go:generate go run -C gen . -isa avx2 -part curve -pkg vec -out ../curve_avx2_amd64.s -stubs ../curve_avx2_amd64.go
//go:generate go run -C gen . -isa avx2 -part cell -pkg vec -out ../cell_avx2_amd64.s -stubs ../cell_avx2_amd64.go
//go:generate go run -C gen . -isa avx2 -part attend -pkg vec -out ../attend_avx2_amd64.s -stubs ../attend_avx2_amd64.go
//go:generate go run -C gen . -isa avx2 -part norm -pkg vec -out ../norm_avx2_amd64.s -stubs ../norm_avx2_amd64.go
//go:generate go run -C gen . -isa avx512 -part activate -pkg vec -out ../activate_avx512_amd64.s -stubs ../activate_avx512_amd64.go
//go:generate go run -C gen . -isa avx512 -part gradient -pkg vec -out ../gradient_avx512_amd64.s -stubs ../gradient_avx512_amd64.go
//go:generate go run -C gen . -isa avx512 -part arith -pkg vec -out ../arith_avx512_amd64.s -stubs ../arith_avx512_amd64.go
//go:generate go run -C gen . -isa avx512 -part update -pkg vec -out ../update_avx512_amd64.s -stubs ../update_avx512_amd64.go
//go:generate go run -C gen . -isa avx512 -part curve -pkg vec -out ../curve_avx512_amd64.s -stubs ../curve_avx512_amd64.go
//go:generate go run -C gen . -isa avx512 -part cell -pkg vec -out ../cell_avx512_amd64.s -stubs ../cell_avx512_amd64.go
//go:generate go run -C gen . -isa avx512 -part attend -pkg vec -out ../attend_avx512_amd64.s -stubs ../attend_avx512_amd64.go

func init() {
	if cpu.AVX512 {
		runnable = append(runnable, avx512)
	}
	if cpu.AVX2 {
		runnable = append(runnable, avx2)
	}
	if len(runnable) > 0 {
		asm = runnable[0]
	}
}

var (
	avx2 = kernels{
		name: "AVX2",

		addLinear: addLinearAVX2, addSigmoid: addSigmoidAVX2, addTanh: addTanhAVX2,
		addReLU: addReLUAVX2, addLeakyReLU: addLeakyReLUAVX2, addSoftplus: addSoftplusAVX2,

		sigmoidGrad: sigmoidGradAVX2, tanhGrad: tanhGradAVX2, reluGrad: reluGradAVX2,
		leakyReLUGrad: leakyReLUGradAVX2, softplusGrad: softplusGradAVX2,

		addELU: addELUAVX2, addSELU: addSELUAVX2, addGELU: addGELUAVX2, addGELUTanh: addGELUTanhAVX2, addSiLU: addSiLUAVX2, addMish: addMishAVX2,
		eluGrad: eluGradAVX2, seluGrad: seluGradAVX2, geluGrad: geluGradAVX2, geluTanhGrad: geluTanhGradAVX2, siluGrad: siluGradAVX2, mishGrad: mishGradAVX2,

		add: addAVX2, mul: mulAVX2, exp: expAVX2, axpy: axpyAVX2, scale: scaleAVX2, clamp: clampAVX2, mix: mixAVX2,
		sum: sumAVX2, sumSquares: sumSquaresAVX2, dot: dotAVX2, max: maxAVX2, maxAbs: maxAbsAVX2, sumExp: sumExpAVX2,
		mask: maskAVX2,

		moments: momentsAVX2, cross: crossAVX2, standardize: standardizeAVX2, standardizeGrad: standardizeGradAVX2,
		sumSquaresAbout: sumSquaresAboutAVX2, normalize: normalizeAVX2, normalizeSums: normalizeSumsAVX2, normalizeGrad: normalizeGradAVX2,

		sgd: sgdAVX2, momentum: momentumAVX2, nesterov: nesterovAVX2,
		adam: adamAVX2, amsGrad: amsGradAVX2, nadam: nadamAVX2, lion: lionAVX2, rmsProp: rmsPropAVX2, adaGrad: adaGradAVX2,

		softmaxGrad: softmaxGradAVX2,
		lstm:        lstmAVX2, lstmGrad: lstmGradAVX2, gru: gruAVX2, gruGrad: gruGradAVX2,
	}
	avx512 = kernels{
		name: "AVX512",

		addLinear: addLinearAVX512, addSigmoid: addSigmoidAVX512, addTanh: addTanhAVX512,
		addReLU: addReLUAVX512, addLeakyReLU: addLeakyReLUAVX512, addSoftplus: addSoftplusAVX512,

		sigmoidGrad: sigmoidGradAVX512, tanhGrad: tanhGradAVX512, reluGrad: reluGradAVX512,
		leakyReLUGrad: leakyReLUGradAVX512, softplusGrad: softplusGradAVX512,

		addELU: addELUAVX512, addSELU: addSELUAVX512, addGELU: addGELUAVX512, addGELUTanh: addGELUTanhAVX512, addSiLU: addSiLUAVX512, addMish: addMishAVX512,
		eluGrad: eluGradAVX512, seluGrad: seluGradAVX512, geluGrad: geluGradAVX512, geluTanhGrad: geluTanhGradAVX512, siluGrad: siluGradAVX512, mishGrad: mishGradAVX512,

		add: addAVX512, mul: mulAVX512, exp: expAVX512, axpy: axpyAVX512, scale: scaleAVX512, clamp: clampAVX512, mix: mixAVX512,
		sum: sumAVX512, sumSquares: sumSquaresAVX512, dot: dotAVX512, max: maxAVX512, maxAbs: maxAbsAVX512, sumExp: sumExpAVX512,
		mask: maskAVX512,

		// Normalisation's are AVX2's.
		moments: momentsAVX2, cross: crossAVX2, standardize: standardizeAVX2, standardizeGrad: standardizeGradAVX2,
		sumSquaresAbout: sumSquaresAboutAVX2, normalize: normalizeAVX2, normalizeSums: normalizeSumsAVX2, normalizeGrad: normalizeGradAVX2,

		sgd: sgdAVX512, momentum: momentumAVX512, nesterov: nesterovAVX512,
		adam: adamAVX512, amsGrad: amsGradAVX512, nadam: nadamAVX512, lion: lionAVX512, rmsProp: rmsPropAVX512, adaGrad: adaGradAVX512,

		softmaxGrad: softmaxGradAVX512,
		lstm:        lstmAVX512, lstmGrad: lstmGradAVX512, gru: gruAVX512, gruGrad: gruGradAVX512,
	}
)
