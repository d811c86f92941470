using System.Text.Json.Serialization;
using CnnOnnx.Files;

namespace CnnOnnx.Imaging;

/// <summary>Which colour channels a network takes, and in which order. Pictures themselves are BGR, as OpenCV has them.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ChannelOrder>))]
public enum ChannelOrder
{
    Rgb,
    Bgr,
    Gray,
}
