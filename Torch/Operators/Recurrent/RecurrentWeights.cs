using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>The weights of one direction of RNN, GRU or LSTM, gate by gate.</summary>
internal sealed class RecurrentWeights
{
    private readonly long _hidden;
    private readonly Tensor _input, _recurrent;
    private readonly Tensor? _inputBias, _recurrentBias, _peepholes;

    public RecurrentWeights(Operands operands, int direction, int gates, long hidden, int peepholes, GateFunction[] activations)
    {
        (_hidden, Activations) = (hidden, activations);
        (_input, _recurrent) = (operands[1][direction], operands[2][direction]);
        Tensor? biases = operands.Optional(3)?[direction];
        (_inputBias, _recurrentBias) = (biases?.narrow(0, 0, gates * hidden), biases?.narrow(0, gates * hidden, gates * hidden));
        _peepholes = peepholes == 0 ? null : operands.Optional(peepholes)?[direction];
    }

    public GateFunction[] Activations { get; }

    /// <summary>Multiplies the inputs of all steps by the weights of all gates, in one product: [steps, batch, gates·hidden].</summary>
    public Tensor Project(Tensor input) => nn.functional.linear(input, _input, _inputBias);

    /// <summary>Multiplies the state by the weights of all gates.</summary>
    public Tensor Recur(Tensor hidden) => nn.functional.linear(hidden, _recurrent, _recurrentBias);

    /// <summary>Multiplies the state by the weights of one gate.</summary>
    public Tensor Recur(Tensor hidden, int gate) =>
        nn.functional.linear(hidden, _recurrent.narrow(0, gate * _hidden, _hidden), _recurrentBias?.narrow(0, gate * _hidden, _hidden));

    /// <summary>Cuts one gate's part out of [batch, gates·hidden].</summary>
    public Tensor Gate(Tensor all, int gate) => all.narrow(1, gate * _hidden, _hidden);

    /// <summary>A gate that also sees the cell's state.</summary>
    public Tensor Peep(Tensor gate, Tensor cell, int index) =>
        _peepholes is null ? gate : gate + (_peepholes.narrow(0, index * _hidden, _hidden) * cell);
}
